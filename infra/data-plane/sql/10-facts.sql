-- Facts that reports read: one row per factory, line and minute, and the batch that wrote it.
IF SCHEMA_ID('fact') IS NULL EXEC('CREATE SCHEMA fact');
IF SCHEMA_ID('sink') IS NULL EXEC('CREATE SCHEMA sink');
GO
IF OBJECT_ID('fact.line_minutes') IS NULL
CREATE TABLE fact.line_minutes
(
    factoryId   varchar(64)  NOT NULL,
    lineId      varchar(64)  NOT NULL,
    windowEnd   datetime2(0) NOT NULL,
    readings    bigint       NOT NULL,
    powerKwSum  float        NOT NULL,
    unitsSum    bigint       NOT NULL,
    defectsSum  bigint       NOT NULL,
    writtenAt   datetime2(3) NOT NULL CONSTRAINT df_line_minutes_written DEFAULT SYSUTCDATETIME(),
    CONSTRAINT pk_line_minutes PRIMARY KEY CLUSTERED (windowEnd, factoryId, lineId)
) WITH (DATA_COMPRESSION = PAGE);
GO
IF TYPE_ID('sink.line_minutes_type') IS NULL
CREATE TYPE sink.line_minutes_type AS TABLE
(
    factoryId   varchar(64)  NOT NULL,
    lineId      varchar(64)  NOT NULL,
    windowEnd   datetime2(0) NOT NULL,
    readings    bigint       NOT NULL,
    powerKwSum  float        NOT NULL,
    unitsSum    bigint       NOT NULL,
    defectsSum  bigint       NOT NULL,
    PRIMARY KEY (windowEnd, factoryId, lineId)
);
GO
-- The sink: the same rows may come twice and change nothing.
CREATE OR ALTER PROCEDURE sink.merge_line_minutes @rows sink.line_minutes_type READONLY
AS
BEGIN
    SET NOCOUNT ON;
    MERGE fact.line_minutes WITH (HOLDLOCK) AS kept
    USING @rows AS new
        ON kept.windowEnd = new.windowEnd AND kept.factoryId = new.factoryId AND kept.lineId = new.lineId
    WHEN MATCHED THEN UPDATE SET
        readings = new.readings, powerKwSum = new.powerKwSum, unitsSum = new.unitsSum, defectsSum = new.defectsSum,
        writtenAt = SYSUTCDATETIME()
    WHEN NOT MATCHED THEN INSERT (factoryId, lineId, windowEnd, readings, powerKwSum, unitsSum, defectsSum)
        VALUES (new.factoryId, new.lineId, new.windowEnd, new.readings, new.powerKwSum, new.unitsSum, new.defectsSum);
END;
GO
