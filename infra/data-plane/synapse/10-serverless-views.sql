-- Views of the serverless pool over the lake: analysts read Delta and Parquet in place.
IF DB_ID('lambda') IS NULL CREATE DATABASE [lambda] COLLATE Latin1_General_100_BIN2_UTF8;
GO
USE [lambda];
GO
IF NOT EXISTS (SELECT 1 FROM sys.symmetric_keys WHERE name = '##MS_DatabaseMasterKey##') CREATE MASTER KEY;
GO
IF NOT EXISTS (SELECT 1 FROM sys.database_scoped_credentials WHERE name = 'lake')
CREATE DATABASE SCOPED CREDENTIAL lake WITH IDENTITY = 'Managed Identity';
GO
IF NOT EXISTS (SELECT 1 FROM sys.external_data_sources WHERE name = 'lake')
CREATE EXTERNAL DATA SOURCE lake WITH (LOCATION = 'abfss://lake@{{lakeAccountName}}.dfs.core.windows.net', CREDENTIAL = lake);
GO
CREATE OR ALTER VIEW dbo.silver_events AS
SELECT * FROM OPENROWSET(BULK 'silver/telemetry', DATA_SOURCE = 'lake', FORMAT = 'DELTA') AS rows;
GO
CREATE OR ALTER VIEW dbo.gold_factory_minutes AS
SELECT * FROM OPENROWSET(BULK 'gold/factory_aggregates_v1_minutes', DATA_SOURCE = 'lake', FORMAT = 'DELTA') AS rows;
GO
CREATE OR ALTER VIEW dbo.telemetry_export AS
SELECT rows.*, CAST(rows.filepath(1) AS date) AS [day]
FROM OPENROWSET(BULK 'export/telemetry/day=*/*.parquet', DATA_SOURCE = 'lake', FORMAT = 'PARQUET')
WITH (eventId varchar(64), eventTime datetime2(3), deviceId varchar(64), factoryId varchar(64), lineId varchar(64),
    temperature float, vibration float, pressure float, powerKw float, units bigint, defects bigint) AS rows;
GO
