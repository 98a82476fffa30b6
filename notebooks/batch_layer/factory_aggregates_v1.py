"""The batch transform of the stream job factory-aggregates v1: events in, closed and open windows out.

Windows are (start, end], aligned to the minute: one-minute tumbling windows and five-minute windows hopping by one
minute, at the grains device, line (`factoryId~lineId`) and factory. Line, factory and five-minute rows are computed from
one-minute rows, which is exact because every value combines (law L6).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_minute_ms = 60_000
_hops = 5

# Value name -> (aggregate over events, aggregate over rows)
_sums = {
    "temperatureSum": "temperature",
    "vibrationSum": "vibration",
    "pressureSum": "pressure",
    "powerKwSum": "power_kw",
    "unitsSum": "units",
    "defectsSum": "defects",
}
_smallest = {"temperatureMin": "temperature"}
_largest = {"temperatureMax": "temperature", "vibrationMax": "vibration"}

VALUES = [
    "count",
    "temperatureSum",
    "temperatureMin",
    "temperatureMax",
    "vibrationSum",
    "vibrationMax",
    "pressureSum",
    "powerKwSum",
    "unitsSum",
    "defectsSum",
]


def factory_aggregates(events: DataFrame) -> DataFrame:
    """Returns all windows of distinct valid events: grain, key, window, start_ms, end_ms and the values."""
    return windows_of(minutes_of(events))


def minutes_of(events: DataFrame) -> DataFrame:
    """Returns one row for each minute window of each device on each line: device_id, factory_id, line_id, end_ms, values."""
    end_ms = F.col("event_ms") + F.pmod(-F.col("event_ms"), F.lit(_minute_ms))
    keyed = events.withColumn("end_ms", end_ms)
    return keyed.groupBy("device_id", "factory_id", "line_id", "end_ms").agg(
        F.count(F.lit(1)).alias("count"),
        *[F.sum(column).alias(name) for name, column in _sums.items()],
        *[F.min(column).alias(name) for name, column in _smallest.items()],
        *[F.max(column).alias(name) for name, column in _largest.items()],
    )


def windows_of(minutes: DataFrame) -> DataFrame:
    """Returns the windows of all grains and lengths, computed from the minutes of devices."""
    grains = F.array(
        _grain("device", F.col("device_id")),
        _grain("line", F.concat_ws("~", "factory_id", "line_id")),
        _grain("factory", F.col("factory_id")),
    )
    keyed = minutes.withColumn("g", F.explode(grains)).select("g.grain", "g.key", "end_ms", *VALUES)
    one = _combine(keyed)
    hops = F.explode(F.sequence(F.lit(0), F.lit(_hops - 1)))
    five = _combine(
        one.withColumn("hop", hops).withColumn("end_ms", F.col("end_ms") + F.col("hop") * _minute_ms)
    )
    return _label(one, "1m", 1).unionByName(_label(five, "5m", _hops))


def _grain(name: str, key: Column) -> Column:
    return F.struct(F.lit(name).alias("grain"), key.alias("key"))


def _combine(rows: DataFrame) -> DataFrame:
    return rows.groupBy("grain", "key", "end_ms").agg(
        F.sum("count").alias("count"),
        *[F.sum(name).alias(name) for name in _sums],
        *[F.min(name).alias(name) for name in _smallest],
        *[F.max(name).alias(name) for name in _largest],
    )


def _label(rows: DataFrame, window: str, minutes: int) -> DataFrame:
    return rows.select(
        "grain",
        "key",
        F.lit(window).alias("window"),
        (F.col("end_ms") - minutes * _minute_ms).alias("start_ms"),
        "end_ms",
        *VALUES,
    )
