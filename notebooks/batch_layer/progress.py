"""How far each layer has come, as a Delta table: one row for each completed step, appended after the step's own rows."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from batch_layer.settings import Settings
from batch_layer.tables import append_rows, read_table, table_exists


def _table(settings: Settings) -> str:
    return settings.table("progress", settings.hub)


def reached(spark: SparkSession, settings: Settings, step: str) -> datetime | None:
    """Returns the enqueued time (inclusive, UTC without a zone) up to which the step is complete; None before its first run."""
    uri = _table(settings)
    if not table_exists(spark, uri):
        return None
    steps = read_table(spark, uri).where(F.col("step") == step)
    return steps.agg(F.max("up_to")).first()[0]


def advance(spark: SparkSession, settings: Settings, step: str, up_to: datetime) -> None:
    """Notes that the step is complete up to this enqueued time."""
    row = spark.createDataFrame([(step, up_to, settings.as_of)], "step string, up_to timestamp, as_of string")
    append_rows(row.coalesce(1), _table(settings))
