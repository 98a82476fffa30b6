"""Bronze: the captured events as they are, once per captured file."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from batch_layer.capture import CapturedFile, completed_end, list_captured_files, read_captured
from batch_layer.progress import advance, begin, end, reached
from batch_layer.settings import Settings
from batch_layer.tables import append_rows, read_table, table_exists

PARTITION_BY = ["enqueued_date", "enqueued_hour"]


def bronze_table(settings: Settings) -> str:
    return settings.table("bronze", settings.hub)


def loaded_files_table(settings: Settings) -> str:
    return settings.table("bronze", f"{settings.hub}_files")


def load_bronze(spark: SparkSession, settings: Settings) -> int:
    """Appends the events of captured files that are not loaded yet; returns how many files were new.

    The list of loaded files is written after the rows. When a run ends between the two, the next one finds the files in
    the rows themselves and only completes the list.
    """
    files = list_captured_files(spark, settings)
    loaded = loaded_files(spark, settings)
    done = {file.path for file in loaded}
    new = [file for file in files if file.path not in done]
    if new:
        interrupted = begin(settings, "bronze")
        from_date = min(file.start for file in new).strftime("%Y-%m-%d")
        half_done = _files_in_rows(spark, settings, from_date) if interrupted else set()
        unread = [file.path for file in new if file.path not in half_done]
        if unread:
            append_rows(bronze_rows(read_captured(spark, unread)), bronze_table(settings), PARTITION_BY)
        listed = spark.createDataFrame(
            [(file.path, file.partition, file.start, file.bytes) for file in new],
            "file string, partition_id int, start timestamp, bytes long",
        )
        append_rows(listed.coalesce(1), loaded_files_table(settings))
        end(settings, "bronze")
    up_to = completed_end([*loaded, *new], settings)
    if up_to is not None and reached(settings, "bronze") != up_to:
        advance(settings, "bronze", up_to)
    return len(new)


def loaded_files(spark: SparkSession, settings: Settings) -> list[CapturedFile]:
    """Returns the captured files whose events are in bronze, in no order."""
    uri = loaded_files_table(settings)
    if not table_exists(spark, uri):
        return []
    rows = read_table(spark, uri).select("file", "partition_id", "start", "bytes").collect()
    return [CapturedFile(*row) for row in rows]


def bronze_rows(captured: DataFrame) -> DataFrame:
    """Adds to each captured event its message id, its exact enqueued time and the partition it is stored in.

    `message_key` is the AMQP message-id; a message without one is named by its place in the log.
    """
    system = F.col("SystemProperties")
    exact = F.timestamp_millis(system["x-opt-enqueued-time"]["member0"])
    place = F.concat_ws(":", F.lit("log"), "partition_id", "SequenceNumber")
    return captured.select(
        "file",
        "partition_id",
        F.col("SequenceNumber").alias("sequence_number"),
        F.col("Offset").alias("offset"),
        F.coalesce(exact, _parse_enqueued(F.col("EnqueuedTimeUtc"))).alias("enqueued_time"),
        F.coalesce(_as_text(system["message-id"]), place).alias("message_key"),
        F.col("SystemProperties").alias("system_properties"),
        F.col("Properties").alias("properties"),
        F.col("Body").alias("body"),
    ).select(
        "*",
        F.date_format("enqueued_time", "yyyy-MM-dd").alias("enqueued_date"),
        F.hour("enqueued_time").alias("enqueued_hour"),
    )


def _as_text(value: Column) -> Column:
    return F.coalesce(value["member2"], value["member0"].cast("string"), F.decode(value["member3"], "UTF-8"))


def _parse_enqueued(text: Column) -> Column:
    return F.coalesce(
        F.try_to_timestamp(text, F.lit("M/d/yyyy h:mm:ss a")),
        F.try_to_timestamp(text),
    )


def _files_in_rows(spark: SparkSession, settings: Settings, from_date: str) -> set[str]:
    uri = bronze_table(settings)
    if not table_exists(spark, uri):
        return set()
    rows = read_table(spark, uri).where(F.col("enqueued_date") >= from_date)
    return {row[0] for row in rows.select("file").distinct().collect()}
