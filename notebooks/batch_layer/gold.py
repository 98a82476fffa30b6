"""Gold: one-minute rows of devices, kept up to date hour by hour, and all windows computed from them."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from batch_layer.factory_aggregates_v1 import minutes_of, windows_of
from batch_layer.progress import advance, reached
from batch_layer.settings import Settings
from batch_layer.silver import HOURS, silver_table
from batch_layer.tables import read_table, replace_partitions, table_exists


def _name(settings: Settings) -> str:
    return f"{settings.job.replace('-', '_')}_{settings.version}"


def minutes_table(settings: Settings) -> str:
    return settings.table("gold", f"{_name(settings)}_minutes")


def windows_table(settings: Settings) -> str:
    return settings.table("gold", _name(settings))


def load_gold(spark: SparkSession, settings: Settings) -> datetime | None:
    """Computes the minutes of every hour that silver gained events for; returns the enqueued time reached.

    An hour is always computed whole from silver, so that doing it twice changes nothing.
    """
    step = f"gold/{settings.job}/{settings.version}"
    up_to = reached(settings, "silver")
    since = reached(settings, step)
    if up_to is None or since == up_to:
        return since
    if not table_exists(spark, silver_table(settings)):
        advance(settings, step, up_to)
        return up_to
    events = read_table(spark, silver_table(settings))
    gained = events if since is None else events.where(F.col("decided_up_to") > since)
    hours = [tuple(row) for row in gained.select(*HOURS).distinct().collect()]
    if hours:
        rows = _minutes_of_hours(events, hours)
        replace_partitions(rows, minutes_table(settings), HOURS)
    advance(settings, step, up_to)
    return up_to


def windows_until(spark: SparkSession, settings: Settings, watermark_ms: int) -> DataFrame | None:
    """Returns all windows that end at or before the watermark; None while there are no events."""
    uri = minutes_table(settings)
    if not table_exists(spark, uri):
        return None
    return windows_of(read_table(spark, uri)).where(F.col("end_ms") <= watermark_ms)


def _minutes_of_hours(events: DataFrame, hours: list[tuple[str, int]]) -> DataFrame:
    dates = sorted({date for date, _ in hours})
    wanted = events.sparkSession.createDataFrame(hours, "event_date string, event_hour int")
    chosen = events.where(F.col("event_date").isin(dates)).join(F.broadcast(wanted), HOURS)
    # A minute lies in one hour of (start, end], so its hour is that of any of its events.
    hour = F.timestamp_millis(F.col("end_ms") - 1)
    return minutes_of(chosen).select(
        "*",
        F.date_format(hour, "yyyy-MM-dd").alias("event_date"),
        F.hour(hour).alias("event_hour"),
    )
