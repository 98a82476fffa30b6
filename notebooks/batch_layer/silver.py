"""Silver: each event once, and the fate of every captured message.

Tables (all partitioned by date and hour):
- `telemetry`: valid, distinct events; of an eventId the message with the lowest (enqueued time, partition, sequence number);
- `telemetry_fates`: one row for each captured message: stored, duplicate or quarantined, with reason and conflict;
- `telemetry_conflicts`: messages whose eventId is stored with another time or other values.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from batch_layer.bronze import bronze_table
from batch_layer.progress import advance, reached
from batch_layer.settings import Settings
from batch_layer.tables import append_rows, insert_new_rows, read_table, table_exists
from batch_layer.validity import Checked, check_body

_checked_type = T.StructType(
    [
        T.StructField("reason", T.StringType()),
        T.StructField("detail", T.StringType()),
        T.StructField("event_id", T.StringType()),
        T.StructField("event_ms", T.LongType()),
        T.StructField("device_id", T.StringType()),
        T.StructField("factory_id", T.StringType()),
        T.StructField("line_id", T.StringType()),
        T.StructField("temperature", T.DoubleType()),
        T.StructField("vibration", T.DoubleType()),
        T.StructField("pressure", T.DoubleType()),
        T.StructField("power_kw", T.DoubleType()),
        T.StructField("units", T.LongType()),
        T.StructField("defects", T.LongType()),
    ]
)

# What two messages of one eventId must share to be copies of each other.
_content = [name for name in Checked._fields if name not in ("reason", "detail", "event_id")]
_place = ["partition_id", "sequence_number"]
_order = ["enqueued_time", *_place]
EVENT_COLUMNS = ["event_id", *_content, *_order, "message_key"]
HOURS = ["event_date", "event_hour"]


def silver_table(settings: Settings) -> str:
    return settings.table("silver", settings.hub)


def fates_table(settings: Settings) -> str:
    return settings.table("silver", f"{settings.hub}_fates")


def conflicts_table(settings: Settings) -> str:
    return settings.table("silver", f"{settings.hub}_conflicts")


def load_silver(spark: SparkSession, settings: Settings) -> datetime | None:
    """Decides the fate of the captured messages that are not decided yet; returns the enqueued time reached.

    Only messages up to the end that every partition has completed are decided, in order of enqueued time over all
    partitions: so the message kept for an eventId never depends on which partition's file came first.
    """
    up_to = reached(settings, "bronze")
    since = reached(settings, "silver")
    if up_to is None or (since is not None and up_to <= since):
        return since
    messages = _undecided(spark, settings, since, up_to)
    checked = check_messages(messages).persist()
    decided = decide_fates(checked, _stored_events(spark, settings)).persist()
    is_new = (F.col("fate") == "stored") & ~F.col("known")
    try:
        # One pass computes everything that the writes below take from memory, and says which of them are needed.
        found = decided.agg(
            F.count(F.lit(1)).alias("messages"),
            F.count_if(is_new).alias("events"),
            F.count_if("conflict").alias("conflicts"),
        ).first()
        if found.events > 0:
            events = _events(decided.where(is_new)).withColumn("decided_up_to", F.lit(up_to))
            append_rows(events, silver_table(settings), HOURS)
        if found.conflicts > 0:
            insert_new_rows(_conflicts(decided), conflicts_table(settings), _place, "fate_date")
        # Last: a message that has a fate is not looked at again.
        if found.messages > 0:
            append_rows(_fates(decided), fates_table(settings), ["fate_date"])
    finally:
        decided.unpersist()
        checked.unpersist()
    advance(settings, "silver", up_to)
    return up_to


def check_messages(messages: DataFrame) -> DataFrame:
    """Adds to each message the reason why it is refused, or the fields of its event."""
    # Not deterministic on paper: the planner must not run it once for each field that is read.
    check = F.udf(check_body, _checked_type).asNondeterministic()
    checked = messages.withColumn("checked", check("body"))
    return checked.select(*_order, "message_key", "checked.*")


def decide_fates(checked: DataFrame, stored: DataFrame | None) -> DataFrame:
    """Adds `fate` (stored, duplicate, quarantined), `conflict` (same eventId, other time or other values) and `known`.

    `known` says that silver holds an event of this eventId already.

    `stored` holds the events kept by earlier runs, all of them before the messages in question; an event of an interrupted
    run meets itself there and stays stored.
    """
    invalid = checked.where(F.col("reason").isNotNull()).select(
        "*",
        F.lit(False).alias("known"),
        F.lit("quarantined").alias("fate"),
        F.lit(False).alias("conflict"),
    )
    valid = checked.where(F.col("reason").isNull())
    kept = F.struct(*[F.col(name) for name in _order + _content])
    if stored is None:
        stored = valid.limit(0)
    earlier = valid.join(stored.select("event_id", kept.alias("held")), "event_id", "left")
    everyone = Window.partitionBy("event_id").orderBy(*_order)
    everyone = everyone.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    winner = earlier.withColumn("winner", F.coalesce("held", F.first(kept).over(everyone)))
    is_winner = F.lit(True)
    for name in _order:
        is_winner = is_winner & (F.col(name) == F.col(f"winner.{name}"))
    differs = F.lit(False)
    for name in _content:
        differs = differs | ~F.col(name).eqNullSafe(F.col(f"winner.{name}"))
    decided = winner.select(
        *valid.columns,
        F.col("held").isNotNull().alias("known"),
        F.when(is_winner, "stored").otherwise("duplicate").alias("fate"),
        differs.alias("conflict"),
    )
    return decided.unionByName(invalid)


def count_fates(spark: SparkSession, settings: Settings) -> dict[str, int]:
    """Counts messages by fate, each message id once: stored before duplicate before quarantined (law L2)."""
    counts = {"bronze": 0, "stored": 0, "duplicates": 0, "quarantined": 0, "conflicts": 0, "undecided": 0}
    if table_exists(spark, bronze_table(settings)):
        bronze = read_table(spark, bronze_table(settings))
        counts["bronze"] = bronze.count()
    if not table_exists(spark, fates_table(settings)):
        return {**counts, "undecided": counts["bronze"]}
    row = fates_by_id(read_table(spark, fates_table(settings))).agg(
        F.coalesce(F.sum("messages"), F.lit(0)).alias("decided"),
        F.count_if(F.col("fate") == "stored").alias("stored"),
        F.count_if(F.col("fate") == "duplicate").alias("duplicates"),
        F.count_if(F.col("fate") == "quarantined").alias("quarantined"),
        F.count_if("conflict").alias("conflicts"),
    ).first()
    found = row.asDict()
    undecided = counts["bronze"] - found.pop("decided")
    return {**counts, **found, "undecided": undecided}


def fates_by_id(fates: DataFrame) -> DataFrame:
    """Returns one fate for each message id: stored before duplicate before quarantined; a client's retry has the same id."""
    names = ["stored", "duplicate", "quarantined"]
    rank = F.array_position(F.array(*[F.lit(name) for name in names]), F.col("fate"))
    by_id = fates.groupBy("message_key").agg(
        F.min(rank).alias("rank"),
        F.max("conflict").alias("conflict"),
        F.count(F.lit(1)).alias("messages"),
    )
    fate = F.element_at(F.array(*[F.lit(name) for name in names]), F.col("rank").cast("int"))
    return by_id.select("message_key", fate.alias("fate"), "conflict", "messages")


def write_message_fates(spark: SparkSession, settings: Settings, path: str) -> int:
    """Writes the fate of each message id as JSON lines to a file of this machine; returns how many."""
    written = 0
    with open(path, "w", encoding="utf-8") as output:
        if table_exists(spark, fates_table(settings)):
            rows = fates_by_id(read_table(spark, fates_table(settings)))
            for row in rows.toLocalIterator(prefetchPartitions=True):
                output.write(json.dumps({"messageId": row.message_key, "fate": row.fate}) + "\n")
                written += 1
    return written


def _undecided(
    spark: SparkSession, settings: Settings, since: datetime | None, up_to: datetime
) -> DataFrame:
    """Captured messages up to the time that have no fate yet.

    A file that a kill of the storage took back is written again later, with earlier times than what is decided by then: so
    messages are looked for among those of the day before, too, and not by their time alone.
    """
    rows = read_table(spark, bronze_table(settings))
    rows = rows.where((F.col("enqueued_time") <= up_to) & (F.col("enqueued_date") <= up_to.strftime("%Y-%m-%d")))
    if not table_exists(spark, fates_table(settings)):
        return rows
    decided = read_table(spark, fates_table(settings))
    if since is not None:
        from_date = (since - timedelta(days=1)).strftime("%Y-%m-%d")
        decided = decided.where(F.col("fate_date") >= from_date)
        rows = rows.where(F.col("enqueued_date") >= from_date)
    return rows.join(decided.select(*_place), _place, "left_anti")


def _stored_events(spark: SparkSession, settings: Settings) -> DataFrame | None:
    uri = silver_table(settings)
    return read_table(spark, uri) if table_exists(spark, uri) else None


def _events(decided: DataFrame) -> DataFrame:
    """The events with the hour of their windows: windows are (start, end], so a full hour belongs to the hour before."""
    hour = F.timestamp_millis(F.col("event_ms") - 1)
    return decided.select(
        *EVENT_COLUMNS,
        F.date_format(hour, "yyyy-MM-dd").alias("event_date"),
        F.hour(hour).alias("event_hour"),
    )


def _fates(decided: DataFrame) -> DataFrame:
    return decided.select(
        *_order,
        "message_key",
        "event_id",
        "fate",
        "conflict",
        "reason",
        "detail",
        F.date_format("enqueued_time", "yyyy-MM-dd").alias("fate_date"),
    )


def _conflicts(decided: DataFrame) -> DataFrame:
    return decided.where("conflict").select(
        *EVENT_COLUMNS, F.date_format("enqueued_time", "yyyy-MM-dd").alias("fate_date")
    )
