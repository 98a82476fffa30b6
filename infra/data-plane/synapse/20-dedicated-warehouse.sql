-- The warehouse of the dedicated pool: facts spread by line, dimensions copied to every node.
IF OBJECT_ID('dbo.dim_device') IS NULL
CREATE TABLE dbo.dim_device
(
    deviceKey  int IDENTITY(1, 1) NOT NULL,
    deviceId   varchar(64) NOT NULL,
    factoryId  varchar(64) NOT NULL,
    lineId     varchar(64) NOT NULL,
    model      varchar(64) NULL,
    installed  date        NULL
) WITH (DISTRIBUTION = REPLICATE, CLUSTERED COLUMNSTORE INDEX);
GO
IF OBJECT_ID('dbo.fact_line_minutes') IS NULL
CREATE TABLE dbo.fact_line_minutes
(
    factoryId   varchar(64)  NOT NULL,
    lineId      varchar(64)  NOT NULL,
    windowEnd   datetime2(0) NOT NULL,
    readings    bigint       NOT NULL,
    powerKwSum  float        NOT NULL,
    unitsSum    bigint       NOT NULL,
    defectsSum  bigint       NOT NULL
)
WITH
(
    DISTRIBUTION = HASH (lineId),
    CLUSTERED COLUMNSTORE INDEX ORDER (windowEnd),
    PARTITION (windowEnd RANGE RIGHT FOR VALUES ('2027-01-01', '2027-07-01', '2028-01-01'))
);
GO
IF OBJECT_ID('dbo.stage_line_minutes') IS NULL
CREATE TABLE dbo.stage_line_minutes
(
    factoryId   varchar(64)  NOT NULL,
    lineId      varchar(64)  NOT NULL,
    windowEnd   datetime2(0) NOT NULL,
    readings    bigint       NOT NULL,
    powerKwSum  float        NOT NULL,
    unitsSum    bigint       NOT NULL,
    defectsSum  bigint       NOT NULL
) WITH (DISTRIBUTION = HASH (lineId), HEAP);
GO
