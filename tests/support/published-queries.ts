/** Forms of queries that the reference pages and published projects use; every one has to compile. */
export const publishedQueries: readonly string[] = [
  `SELECT State, CarModel.MakeModel FROM Input TIMESTAMP BY Time`,
  `SELECT Make, COUNT(*) AS Count FROM Input TIMESTAMP BY Time GROUP BY Make, TumblingWindow(second, 10) HAVING [Count] >= 3`,
  `SELECT Make, SUM(CAST(Weight AS BIGINT)) AS Weight FROM Input TIMESTAMP BY Time GROUP BY Make, TumblingWindow(second, 10)`,
  `SELECT * INTO ArchiveOutput FROM Input TIMESTAMP BY Time
SELECT Make, System.TimeStamp() AS Time, COUNT(*) AS [Count] INTO AlertOutput FROM Input TIMESTAMP BY Time GROUP BY Make, TumblingWindow(second, 10) HAVING [Count] >= 3`,
  `WITH ReaderQuery AS ( SELECT * FROM Input TIMESTAMP BY Time )
SELECT * INTO ArchiveOutput FROM ReaderQuery
SELECT Make, COUNT(*) INTO AlertOutput FROM ReaderQuery GROUP BY Make, TumblingWindow(second,10)`,
  `SELECT COUNT(DISTINCT Make) AS Count_Make, System.TIMESTAMP() AS Time FROM Input TIMESTAMP BY TIME GROUP BY TumblingWindow(second, 2)`,
  `SELECT LAG(Make, 1) OVER (LIMIT DURATION(second, 90)) AS PreviousMake, Make FROM Input TIMESTAMP BY Time WHERE Make <> LAG(Make, 1) OVER (LIMIT DURATION(second, 90))`,
  `SELECT [user], feature, DATEDIFF(second, LAST(Time) OVER (PARTITION BY [user], feature LIMIT DURATION(hour, 1) WHEN Event = 'start'), Time) as duration FROM input TIMESTAMP BY Time WHERE Event = 'end'`,
  `WITH LastInWindow AS ( SELECT MAX(Time) AS LastEventTime FROM Input TIMESTAMP BY Time GROUP BY TumblingWindow(minute, 10) )
SELECT Input.License_plate, Input.Make, Input.Time FROM Input TIMESTAMP BY Time INNER JOIN LastInWindow ON DATEDIFF(minute, Input, LastInWindow) BETWEEN 0 AND 10 AND Input.Time = LastInWindow.LastEventTime`,
  `WITH EveryLane AS (SELECT ISFIRST(minute, 10) OVER (PARTITION BY Make) AS f, * FROM Input TIMESTAMP BY Time) SELECT * FROM EveryLane WHERE f = 1`,
  `SELECT System.TimeStamp() AS TenMinuteWindowEnd, CollectTop(2) OVER (ORDER BY value ASC, b DESC) as top, TopOne() OVER (ORDER BY x) FROM i TIMESTAMP BY CAST(time AS datetime) GROUP BY HOPPINGWINDOW(second, 300, 5)`,
  `SELECT * INTO Output FROM Input TIMESTAMP BY Time OVER PumpId`,
  `SELECT TollId, EntryTime, Toll = CASE WHEN a > 1 THEN 'x' ELSE 'y' END FROM Input1 I1 TIMESTAMP BY EntryTime PARTITION BY PartitionId`,
  `SELECT I1.TollId, I1.LicensePlate, DATEDIFF(minute, I1.EntryTime, I2.ExitTime) AS DurationInMinutes FROM Input1 I1 TIMESTAMP BY EntryTime JOIN Input2 I2 TIMESTAMP BY ExitTime ON I1.TollId = I2.TollId AND I1.LicensePlate = I2.LicensePlate AND DATEDIFF(minute, I1, I2) BETWEEN 0 AND 15`,
  `SELECT TS.UserName, TS.Address, TE.Score FROM TrafficStart TS TIMESTAMP BY Time LEFT OUTER JOIN E TIMESTAMP BY t ON DATEDIFF(second, TS, E) BETWEEN 0 AND 5 AND E.x = TS.x INNER JOIN TE ON DATEDIFF(second, TS, TE) BETWEEN 0 AND 10 AND DATEDIFF(second, TE, E) < 0`,
  `SELECT event.deviceId, arrayElement.ArrayIndex, arrayElement.ArrayValue.x FROM input AS event CROSS APPLY GetArrayElements(event.arrayField) AS arrayElement`,
  `SELECT DeviceId, Metadata.ArrayIndex, sensorReading.PropertyValue AS v FROM Input CROSS APPLY GetRecordProperties(SensorReadings) AS sensorReading OUTER APPLY GetArrayElements(sensorReading.PropertyValue) Metadata WHERE DATEPART(minute, System.Timestamp()) = 3`,
  `SELECT input.DeviceID, input.Location.*, input.SensorReadings.Custom.[a b], GetRecordPropertyValue(input.SensorReadings, 'x') FROM input`,
  `SELECT * INTO o FROM input TIMESTAMP BY time MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) PARTITION BY tollBoothId MEASURES Last(Toyota.LicensePlate) AS toyotaLicensePlate, Last(Lexus.licensePlate) AS lexusLicensePlate AFTER MATCH SKIP TO NEXT ROW PATTERN (Toyota+ Lexus | . (A B?)*) DEFINE Toyota AS Toyota.make = 'Toyota', Lexus AS Lexus.make = 'Lexus' AND Last(Lexus.x) > Min(Toyota.x)) AS T`,
  `SELECT id, AnomalyDetection_SpikeAndDip(temp, 95, 120, 'spikesanddips') OVER(LIMIT DURATION(second, 120)) AS SpikeAndDipScores FROM input`,
  `WITH S AS (SELECT AnomalyDetection_ChangePoint(CAST(temp AS float), 80, 1200) OVER(PARTITION BY id LIMIT DURATION(minute, 20)) AS S FROM input)
SELECT CAST(GetRecordPropertyValue(S, 'Score') AS float) AS Score, CAST(GetRecordPropertyValue(S, 'IsAnomaly') AS bigint) AS I FROM S`,
  `SELECT COUNT(*) FROM i TIMESTAMP BY t GROUP BY SessionWindow(minute, 5, 10) OVER (PARTITION BY UserId), UserId`,
  `SELECT SystemTimestamp = System.Timestamp(), PERCENTILE_CONT(0.9) OVER (ORDER BY Score DESC), PERCENTILE_DISC(0.5) OVER (ORDER BY Score) FROM i GROUP BY SlidingWindow(hours, 1)`,
  `SELECT System.Window().Id, COUNT(*) FROM i GROUP BY Windows(Window('a', TumblingWindow(minute, 1)), Window('snap', System.Timestamp()))`,
  `SELECT a, SUM(x) OVER (PARTITION BY a LIMIT DURATION(hour, 1) WHEN b > 2) FROM i`,
  `SELECT GetMetadataPropertyValue(i, '[EventHub].[PartitionId]') FROM i`,
  `SELECT MAX(udf.Hex2Int(a)) AS m, uda.TWA(value) FROM i AS value GROUP BY TumblingWindow(minute, 1)`,
  `CREATE TABLE r (a bigint, b nvarchar(max), [c d] record) ; SELECT a, b FROM r WHERE a !> 3 AND b NOT LIKE '[a-c]%'`,
  `SELECT * FROM a UNION SELECT * FROM b`,
  `SELECT x INTO o FROM a UNION ALL SELECT y FROM b`,
  `SELECT fw.make FROM (SELECT make, COUNT(*) c FROM i GROUP BY make, TumblingWindow(hour, 24, -4)) fw WHERE fw.c > 1 AND NOT (fw.c BETWEEN 3 AND 4 OR fw.c IN (1,2))`,
  `;;`,
  `SELECT [Count], Time, Value, type, BIGINT, float, decimal, dateTime, Bit, RECORD, array as array, desc, first, rank, user, date, timestamp FROM x`,
  `SELECT 'a' + 'b', - -1, ~5 | 3 & 2, -9223372036854775808, 1e3, .5, 00 AS 'smVersion', N'x''y' z FROM t`,
  `SELECT IoTHub.ConnectionDeviceId AS ConnectionDeviceId, MAX(CAST(temperature as float)) FROM in1 TIMESTAMP BY EventEnqueuedUtcTime GROUP BY IoTHub.ConnectionDeviceId, TumblingWindow(Duration(hour, 1), Offset(millisecond, -1))`,
  `SELECT IotHub.*, 1 AS one FROM in1 WHERE ISFIRST(mi, 5) OVER (PARTITION BY a WHEN b IS NOT NULL) = 1`,
  `SELECT ratings.filter.[0], rules.[x.y] FROM ratings`,
  `WITH AnomalyDetection AS (
    SELECT metric_name, source_id,
        AnomalyDetection_SpikeAndDip(CAST(metric_value AS float), 95, 120, 'spikesanddips') OVER (PARTITION BY metric_name LIMIT DURATION(second, 120)) AS anomaly_scores,
        System.Timestamp() AS event_time
    FROM telemetryInput TIMESTAMP BY event_time
), AnomalyAlerts AS ( SELECT metric_name, anomaly_scores.IsAnomaly AS is_anomaly, anomaly_scores.Score AS anomaly_score FROM AnomalyDetection WHERE anomaly_scores.IsAnomaly = 1 )
SELECT metric_name, 'spike_dip' AS anomaly_type INTO alertsOutput FROM AnomalyAlerts`,
  `SELECT COUNT(*) as 'sampleCount', SUM(donutCount) as 'donutCount', System.TimeStamp AS 'windowEnd' INTO aggregatedcounts FROM donutshop TIMESTAMP by eventTime GROUP BY TumblingWindow(second,15)`,
  `SELECT storeId, System.TimeStamp AS 'windowEnd', SUM(qcIssueCount) as 'qcIssueCount' INTO [summary] FROM [donutshop] TIMESTAMP BY eventTime GROUP BY storeId,SlidingWindow(second,30) HAVING qcIssueCount > 20`,
  `SELECT  [custinput].[area_code], SUM([input].[Amount]) AS Total FROM [input] LEFT JOIN [custinput] ON [input].[CardNumber]=[custinput].[card_number] AND  DATEDIFF(minute, input, custinput) BETWEEN 0 AND 20 GROUP BY [input].[Type], [custinput].[area_code], TumblingWindow(hour, 1) HAVING [input].[Type] = 1`,
  `SELECT Make, Time FROM Input TIMESTAMP BY Time WHERE LAG(Make, 1) OVER (LIMIT DURATION(minute, 1)) <> Make`,
  `SELECT LicensePlate, Make, Time FROM Input TIMESTAMP BY Time WHERE IsFirst(minute, 10) = 1`,
  `SELECT Stream.Device, AVG(Stream.accelerometerZ) as accelerometerZ FROM IoTStream Stream TIMESTAMP BY IoTHub.EnqueuedTime GROUP BY IoTHub.ConnectionDeviceId, Stream.Device, TumblingWindow(second, 10)`,
  `SELECT t1.Time, t1.dspl AS SensorName FROM Input t1 TIMESTAMP BY time LEFT OUTER JOIN Input t2 TIMESTAMP BY time ON t1.dspl = t2.dspl AND DATEDIFF(second, t1, t2) BETWEEN 1 and 5 WHERE t2.dspl IS NULL`,
  `WITH SelectPreviousEvent AS ( SELECT *, LAG([time]) OVER (LIMIT DURATION(hour, 24)) as previous_time, LAG([weight]) OVER (LIMIT DURATION(hour, 24)) as previous_weight FROM input TIMESTAMP BY [time] )
SELECT LAG(time) OVER (LIMIT DURATION(hour, 24) WHEN previous_weight < 20000 ) [StartFault], previous_time [EndFault] FROM SelectPreviousEvent WHERE [weight] < 20000 AND previous_weight > 20000`,
  `WITH max_power_during_last_3_mins AS ( SELECT System.TimeStamp() AS windowTime, deviceId, max(value) as maxPower FROM input TIMESTAMP BY t WHERE sensorName = 'power' GROUP BY deviceId, SlidingWindow(minute, 3) )
SELECT t1.deviceId, t1.value as temp, t2.maxPower as maxPowerDuringLast3mins INTO resultsr FROM input t1 TIMESTAMP BY t JOIN max_power_during_last_3_mins t2 ON t1.deviceId = t2.deviceId AND t1.t = t2.windowTime AND DATEDIFF(minute, t1, t2) between 0 and 3 WHERE t1.sensorName = 'temp' AND t1.value <= 40 AND t2.maxPower > 10`,
  `WITH Step1 AS ( SELECT COUNT(*) AS Count, TollBoothId, PartitionId FROM Input1 PARTITION BY PartitionId GROUP BY TumblingWindow(minute, 3), TollBoothId, PartitionId ) SELECT SUM(Count) AS Count, TollBoothId FROM Step1 PARTITION BY PartitionId GROUP BY TumblingWindow(minute, 3), TollBoothId, PartitionId`,
  `SELECT TollId, COUNT(*) INTO o FROM Step1 GROUP BY TumblingWindow(minute,3), TollId UNION SELECT 1, 2 FROM b`,
  `WITH DynamicCTE AS ( SELECT In1.id, In1.SensorReadings.Temperature t, GetRecordPropertyValue(In1.SensorReadings, In2.SensorName) x, In2.Value AS v FROM Input AS In1 LEFT JOIN ref In2 ON In1.id = In2.id AND DATEDIFF(minute, In1, In2) = 0) SELECT * FROM DynamicCTE`,
  `SELECT Value.rec FROM i WHERE Value.rec.x >= 3 AND TRY_CAST(y AS bigint) IS NOT NULL`,
  `SELECT DATEADD(millisecond, epoch, '1970-01-01T00:00:00Z') AS ts, CONCAT('a', 1, System.Timestamp()) c, REGEXMATCH(a, 'x') r FROM i TIMESTAMP BY DATEADD(millisecond, epoch, '1970-01-01T00:00:00Z')`,
  `SELECT ST_DISTANCE(CreatePoint(a.lat, a.lon), CreatePoint(50.0, 7.1)) AS d, ST_WITHIN(CreatePoint(lat, lon), zone) w FROM i a`,
  `SELECT UDF.ReadingsToMap(SensorReadings).temperature AS t, GetArrayElement(arr, 0).x.y FROM i`,
  `SELECT a.ArrayValue.CustomSensor03 AS cs FROM input as event OUTER APPLY GetArrayElements(event.readings) AS a WHERE a.ArrayIndex = 0`,
  `SELECT i.DeviceId, records.PropertyName, records.PropertyValue FROM i CROSS APPLY GetRecordProperties(i.SensorReadings) AS records WHERE records.PropertyName LIKE 'Cust%'`,
  `SELECT COUNT(*) AS cnt, AVG(CAST(v as float)) avgv, MIN(v), MAX(v), STDEV(v), VAR(v) INTO [out-put.1] FROM [in put] TIMESTAMP BY ts GROUP BY HoppingWindow(mi, 5, 1), [dev id] , DATEPART(hour, System.Timestamp())`,
];
