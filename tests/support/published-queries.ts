/**
 * Every form that the queries of reference pages, published projects and questions use, written anew for a factory; each one has
 * to compile, to print and to read back.
 */
export const publishedQueries: readonly string[] = [
  // Statements and outputs
  `SELECT lineId, Sensor.Kind FROM readings TIMESTAMP BY measuredAt`,
  `SELECT * INTO archive FROM readings TIMESTAMP BY measuredAt
SELECT lineId, System.TimeStamp() AS closed, COUNT(*) AS [Count] INTO busy FROM readings TIMESTAMP BY measuredAt GROUP BY lineId, TumblingWindow(second, 20) HAVING [Count] >= 4`,
  `WITH allReadings AS ( SELECT * FROM readings TIMESTAMP BY measuredAt )
SELECT * INTO archive FROM allReadings
SELECT lineId, COUNT(*) INTO busy FROM allReadings GROUP BY lineId, TumblingWindow(second,20)`,
  `WITH hot AS (SELECT * FROM readings TIMESTAMP BY measuredAt WHERE state = 'hot')
SELECT * INTO presses FROM hot WHERE kind = 'press' SELECT * INTO ovens FROM hot WHERE kind = 'oven'`,
  `;;`,
  `-- nothing but a copy
/* of everything */ SELECT * INTO [out-put.1] FROM [in put];;`,
  `CREATE TABLE limits (a bigint, b nvarchar(max), [c d] record) ; SELECT a, b FROM limits WHERE a !> 3 AND b NOT LIKE '[a-c]%'`,
  `CREATE TABLE readings (deviceId nvarchar(max), value float, measuredAt datetime, good bit, parts array)
SELECT deviceId, value INTO copy FROM readings TIMESTAMP BY measuredAt`,
  `SELECT * FROM north UNION SELECT * FROM south`,
  `SELECT x INTO o FROM a UNION ALL SELECT y FROM b`,
  `SELECT lineId, COUNT(*) INTO o FROM shifts GROUP BY TumblingWindow(minute,7), lineId UNION SELECT 1, 2 FROM other`,
  `WITH both AS (SELECT id, 'n' AS side FROM north UNION SELECT id, 's' AS side FROM south) SELECT side, COUNT(*) AS n FROM both GROUP BY side, Tumbling(mi, 2)`,
  `SELECT lineId, PartitionId, COUNT(*) AS n FROM readings TIMESTAMP BY DATEADD(second, [measured], '1970-01-01T00:00:00Z') OVER lineId, PartitionId GROUP BY lineId, PartitionId, TumblingWindow(minute, 1)`,
  `WITH scored AS (SELECT measuredAt, LAG(value) OVER (LIMIT DURATION(second, 9)) AS before FROM readings PARTITION BY partitionid) SELECT measuredAt, before INTO output FROM scored Partition By PartitionId`,

  // Lexical forms
  `SELECT a FROM t WHERE a < > b AND c > = 4 AND repaired = ""`,
  `SELECT [Count], Time, Value, type, BIGINT, float, decimal, dateTime, Bit, RECORD, array as array, desc, first, rank, user, date, timestamp FROM x`,
  `SELECT 'a' + 'b', - -1, ~5 | 3 & 2, -9223372036854775808, 1e3, .5, 00 AS 'smVersion', N'x''y' z FROM t`,
  `SELECT COUNT(*) as 'samples', SUM(parts) as 'parts', System.TimeStamp AS 'closed' INTO totals FROM press TIMESTAMP by measuredAt GROUP BY TumblingWindow(second,25)`,
  `select lineId, avg(temperature) from [floor] timestamp by [at] group by lineId, tumblingwindow(ss, 10)`,
  `SELECT code = CASE WHEN a > 1 THEN 'x' ELSE 'y' END, lineId FROM press P TIMESTAMP BY at PARTITION BY PartitionId`,
  `SELECT "quoted name", [bracketed name], [a]]b] FROM t`,

  // Conditions and expressions
  `SELECT Reading.inner FROM i WHERE Reading.inner.x >= 3 AND TRY_CAST(y AS bigint) IS NOT NULL`,
  `SELECT a FROM t WHERE (a LIKE 'A%9' OR a NOT LIKE '_b%') AND NOT (b BETWEEN 1 AND 5) AND c IN ('x', 'y') AND d NOT IN (1, 2)`,
  `SELECT fw.kind FROM (SELECT kind, COUNT(*) c FROM i GROUP BY kind, TumblingWindow(hour, 24, -4)) fw WHERE fw.c > 1 AND NOT (fw.c BETWEEN 3 AND 4 OR fw.c IN (1,2))`,
  `SELECT SUM(CASE WHEN state = 'scrap' THEN 1 ELSE 0 END) AS scrap, SUM(CASE kind WHEN 'a' THEN 2 WHEN 'b' THEN 3 ELSE 0 END) AS points FROM i GROUP BY Tumbling(hh, 1)`,
  `SELECT DATEADD(millisecond, epoch, '1970-01-01T00:00:00Z') AS ts, CONCAT('a', 1, System.Timestamp()) c, REGEXMATCH(a, 'x') r FROM i TIMESTAMP BY DATEADD(millisecond, epoch, '1970-01-01T00:00:00Z')`,
  `SELECT CAST(v AS float) * 1.8 + 32 AS f, ROUND(v / 10, 2) AS r, v % 7 AS m FROM i`,
  `SELECT UPPER(SUBSTRING(name, 1, 3)) AS head, LEN(name) AS n, REPLACE(name, ' ', '_') AS slug, COALESCE(alias, name, 'none') AS shown FROM i`,
  `SELECT DATEPART(hour, System.Timestamp()) AS h, DATENAME(weekday, at) AS d, DATEDIFF(minute, started, stopped) AS m FROM i`,

  // Windows
  `SELECT lineId, SUM(CAST(Weight AS BIGINT)) AS Weight FROM readings TIMESTAMP BY at GROUP BY lineId, TumblingWindow(second, 15)`,
  `SELECT COUNT(DISTINCT lineId) AS lines, System.TIMESTAMP() AS closed FROM readings TIMESTAMP BY AT GROUP BY TumblingWindow(second, 3)`,
  `SELECT System.TimeStamp() AS closed, CollectTop(2) OVER (ORDER BY value ASC, b DESC) as top, TopOne() OVER (ORDER BY x) FROM i TIMESTAMP BY CAST(time AS datetime) GROUP BY HOPPINGWINDOW(second, 600, 10)`,
  `SELECT COUNT(*) AS cnt, AVG(CAST(v as float)) avgv, MIN(v), MAX(v), STDEV(v), VAR(v) INTO [out-put.1] FROM [in put] TIMESTAMP BY ts GROUP BY HoppingWindow(mi, 5, 1), [dev id] , DATEPART(hour, System.Timestamp())`,
  `SELECT COUNT(*) FROM i TIMESTAMP BY t GROUP BY SessionWindow(minute, 4, 12) OVER (PARTITION BY operator), operator`,
  `SELECT operator, DATEDIFF(second, MIN(at), MAX(at)) AS busy FROM i TIMESTAMP BY at GROUP BY operator, Session(Timeout(ss, 90), MaxDuration(hh, 2)) OVER (PARTITION BY operator)`,
  `SELECT closed = System.Timestamp(), PERCENTILE_CONT(0.9) OVER (ORDER BY v DESC), PERCENTILE_DISC(0.5) OVER (ORDER BY v) FROM i GROUP BY SlidingWindow(hours, 1)`,
  `SELECT storeId, System.TimeStamp AS 'closed', SUM(scrap) as 'scrap' INTO [summary] FROM [press] TIMESTAMP BY at GROUP BY storeId,SlidingWindow(second,30) HAVING scrap > 20`,
  `SELECT System.Window().Id, COUNT(*) FROM i GROUP BY Windows(Window('a', TumblingWindow(minute, 1)), Window('snap', System.Timestamp()))`,
  `SELECT lineId, SUM(n) AS n FROM (SELECT lineId, COUNT(*) AS n FROM i GROUP BY lineId, Windows(TumblingWindow(minute, 1), HoppingWindow(minute, 5, 1))) w GROUP BY lineId, System.Timestamp()`,
  `SELECT IoTHub.ConnectionDeviceId AS device, MAX(CAST(temperature as float)) FROM hub TIMESTAMP BY EventEnqueuedUtcTime GROUP BY IoTHub.ConnectionDeviceId, TumblingWindow(Duration(hour, 1), Offset(millisecond, -1))`,
  `WITH perMinute AS ( SELECT COUNT(*) AS n, lineId, PartitionId FROM i PARTITION BY PartitionId GROUP BY TumblingWindow(minute, 2), lineId, PartitionId ) SELECT SUM(n) AS n, lineId FROM perMinute PARTITION BY PartitionId GROUP BY TumblingWindow(minute, 2), lineId, PartitionId`,

  // Looking back
  `SELECT LAG(kind, 1) OVER (LIMIT DURATION(second, 80)) AS before, kind FROM i TIMESTAMP BY at WHERE kind <> LAG(kind, 1) OVER (LIMIT DURATION(second, 80))`,
  `SELECT [user], screen, DATEDIFF(second, LAST(at) OVER (PARTITION BY [user], screen LIMIT DURATION(hour, 2) WHEN what = 'open'), at) as seconds FROM i TIMESTAMP BY at WHERE what = 'close'`,
  `WITH firsts AS (SELECT ISFIRST(minute, 15) OVER (PARTITION BY lineId) AS f, * FROM i TIMESTAMP BY at) SELECT * FROM firsts WHERE f = 1`,
  `SELECT IotHub.*, 1 AS one FROM hub WHERE ISFIRST(mi, 5) OVER (PARTITION BY a WHEN b IS NOT NULL) = 1`,
  `SELECT kind, at FROM i TIMESTAMP BY at WHERE IsFirst(minute, 20) = 1`,
  `SELECT a, SUM(x) OVER (PARTITION BY a LIMIT DURATION(hour, 1) WHEN b > 2) FROM i`,
  `WITH before AS ( SELECT *, LAG([at]) OVER (LIMIT DURATION(hour, 12)) as atBefore, LAG([load]) OVER (LIMIT DURATION(hour, 12)) as loadBefore FROM i TIMESTAMP BY [at] )
SELECT LAG(at) OVER (LIMIT DURATION(hour, 12) WHEN loadBefore < 900 ) [began], atBefore [ended] FROM before WHERE [load] < 900 AND loadBefore > 900`,
  `SELECT LAG(*, 2) OVER (PARTITION BY deviceId LIMIT DURATION(day, 1)).value AS v, LAG(value, 11, 0) OVER (LIMIT DURATION(mi, 30)) AS far FROM i`,
  `SELECT id, AnomalyDetection_SpikeAndDip(temp, 90, 60, 'spikesanddips') OVER(LIMIT DURATION(second, 60)) AS verdict FROM i`,
  `WITH s AS (SELECT AnomalyDetection_ChangePoint(CAST(temp AS float), 80, 600) OVER(PARTITION BY id LIMIT DURATION(minute, 10)) AS s FROM i)
SELECT CAST(GetRecordPropertyValue(s, 'Score') AS float) AS score, CAST(GetRecordPropertyValue(s, 'IsAnomaly') AS bigint) AS found FROM s`,
  `SELECT * INTO o FROM i TIMESTAMP BY at MATCH_RECOGNIZE (LIMIT DURATION(minute, 1) PARTITION BY lineId MEASURES Last(Warm.id) AS warmId, Last(Hot.id) AS hotId AFTER MATCH SKIP TO NEXT ROW PATTERN (Warm+ Hot | . (A B?)*) DEFINE Warm AS Warm.state = 'warm', Hot AS Hot.state = 'hot' AND Last(Hot.x) > Min(Warm.x)) AS m`,
  `SELECT * INTO o FROM i TIMESTAMP BY at MATCH_RECOGNIZE (PARTITION BY lineId LIMIT DURATION(hour, 1) MEASURES Classifier() AS c AFTER MATCH SKIP TO NEXT ROW PATTERN (Up Down+) DEFINE Up AS Up.ok = 1) AS m`,

  // Joins
  `WITH newest AS ( SELECT MAX(at) AS latest FROM i TIMESTAMP BY at GROUP BY TumblingWindow(minute, 6) )
SELECT i.id, i.kind FROM i TIMESTAMP BY at INNER JOIN newest ON DATEDIFF(minute, i, newest) BETWEEN 0 AND 6 AND i.at = newest.latest`,
  `SELECT A.id, DATEDIFF(minute, A.at, B.at) AS minutes FROM entries A TIMESTAMP BY at JOIN exits B TIMESTAMP BY at ON A.id = B.id AND A.plate = B.plate AND DATEDIFF(minute, A, B) BETWEEN 0 AND 25`,
  `SELECT S.name, T.score FROM starts S TIMESTAMP BY at LEFT OUTER JOIN E TIMESTAMP BY at ON DATEDIFF(second, S, E) BETWEEN 0 AND 5 AND E.x = S.x INNER JOIN T ON DATEDIFF(second, S, T) BETWEEN 0 AND 10 AND DATEDIFF(second, T, E) < 0`,
  `SELECT one.at, one.unit AS unit FROM i one TIMESTAMP BY at LEFT OUTER JOIN i two TIMESTAMP BY at ON one.unit = two.unit AND DATEDIFF(second, one, two) BETWEEN 1 and 5 WHERE two.unit IS NULL`,
  `SELECT  [people].[area], SUM([sales].[amount]) AS total FROM [sales] LEFT JOIN [people] ON [sales].[card]=[people].[card] AND  DATEDIFF(minute, sales, people) BETWEEN 0 AND 30 GROUP BY [sales].[kind], [people].[area], TumblingWindow(hour, 1) HAVING [sales].[kind] = 1`,
  `WITH peak AS ( SELECT System.TimeStamp() AS at, deviceId, max(value) as most FROM i TIMESTAMP BY t WHERE sensor = 'power' GROUP BY deviceId, SlidingWindow(minute, 3) )
SELECT x.deviceId, x.value as temp, y.most INTO found FROM i x TIMESTAMP BY t JOIN peak y ON x.deviceId = y.deviceId AND x.t = y.at AND DATEDIFF(minute, x, y) between 0 and 3 WHERE x.sensor = 'temp' AND x.value <= 40 AND y.most > 10`,
  `WITH wide AS ( SELECT L.id, L.Readings.Heat t, GetRecordPropertyValue(L.Readings, R.name) x, R.v FROM i AS L LEFT JOIN other R ON L.id = R.id AND DATEDIFF(minute, L, R) = 0) SELECT * FROM wide`,

  // Records and arrays
  `SELECT e.deviceId, part.ArrayIndex, part.ArrayValue.x FROM i AS e CROSS APPLY GetArrayElements(e.parts) AS part`,
  `SELECT deviceId, Meta.ArrayIndex, r.PropertyValue AS v FROM i CROSS APPLY GetRecordProperties(Readings) AS r OUTER APPLY GetArrayElements(r.PropertyValue) Meta WHERE DATEPART(minute, System.Timestamp()) = 3`,
  `SELECT i.deviceId, i.Place.*, i.Readings.Own.[a b], GetRecordPropertyValue(i.Readings, 'x') FROM i`,
  `SELECT rules.filter.[0], rules.[x.y] FROM rules`,
  `SELECT UDF.AsMap(Readings).heat AS t, GetArrayElement(arr, 0).x.y FROM i`,
  `SELECT a.ArrayValue.Own03 AS cs FROM i as e OUTER APPLY GetArrayElements(e.parts) AS a WHERE a.ArrayIndex = 0`,
  `SELECT i.deviceId, r.PropertyName, r.PropertyValue FROM i CROSS APPLY GetRecordProperties(i.Readings) AS r WHERE r.PropertyName LIKE 'Own%'`,

  // Metadata, functions of the job, places
  `SELECT GetMetadataPropertyValue(i, '[EventHub].[PartitionId]') FROM i`,
  `SELECT MAX(udf.FromHex(a)) AS m, uda.Smooth(value) FROM i AS value GROUP BY TumblingWindow(minute, 1)`,
  `SELECT s.device, AVG(s.z) as z FROM hub s TIMESTAMP BY IoTHub.EnqueuedTime GROUP BY IoTHub.ConnectionDeviceId, s.device, TumblingWindow(second, 10)`,
  `SELECT ST_DISTANCE(CreatePoint(a.lat, a.lon), CreatePoint(50.0, 7.1)) AS d, ST_WITHIN(CreatePoint(lat, lon), zone) w FROM i a`,
  `SELECT * INTO o FROM i TIMESTAMP BY at OVER pumpId`,
];
