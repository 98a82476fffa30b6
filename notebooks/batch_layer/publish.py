"""Publishes gold as batch views: rows of a new generation, then the pointer, then the removal of old rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from batch_layer.factory_aggregates_v1 import VALUES
from batch_layer.gold import windows_table, windows_until
from batch_layer.progress import advance, reached
from batch_layer.settings import Settings
from batch_layer.tables import replace_table
from batch_layer.times import floor_to_minute, iso_from_ms, ms_from_iso, ms_from_utc
from batch_layer.view_store import Document, ViewStore


@dataclass(frozen=True)
class Published:
    """What the pointer says after a run; `rows` counts the rows written by it."""

    generation: int | None
    batch_high_watermark: str | None
    rows: int


def publish_views(spark: SparkSession, settings: Settings, store: ViewStore) -> Published:
    """Writes a new generation of batch views when gold moved on, and switches the pointer to it atomically.

    Windows up to the watermark are written, late events included. The watermark is the enqueued time that every partition
    has completed, minus the job's late tolerance, floored to the minute; it never moves back. A run that ended before the
    switch leaves rows that no pointer names: the next run removes them first.
    """
    step = f"views/{settings.job}/{settings.version}"
    up_to = reached(settings, f"gold/{settings.job}/{settings.version}")
    pointer = store.read_pointer()
    if up_to is None:
        return _published(pointer, 0)
    watermark_ms = floor_to_minute(ms_from_utc(up_to - settings.late_tolerance))
    if pointer is not None:
        is_behind = watermark_ms < ms_from_iso(pointer["batchHighWatermark"])
        if is_behind or reached(settings, step) == up_to:
            store.remove_generations_except(pointer["generation"])
            return _published(pointer, 0)
    # What the answer knows: every message enqueued before this moment, which the run's own start may be behind.
    as_of = iso_from_ms(ms_from_utc(up_to))
    current = None if pointer is None else pointer["generation"]
    store.remove_generations_except(current)
    generation = (current or 0) + 1
    windows = windows_until(spark, settings, watermark_ms)
    written = 0
    if windows is not None:
        rows = windows.withColumn("generation", F.lit(generation)).persist()
        try:
            replace_table(rows, windows_table(settings))
            written = store.write_rows(_documents(rows, settings, as_of))
        finally:
            rows.unpersist()
    following = {
        "job": settings.job,
        "version": settings.version,
        "batchHighWatermark": iso_from_ms(watermark_ms),
        "generation": generation,
        "asOf": as_of,
    }
    store.switch_pointer(following, pointer)
    store.remove_generations_except(generation)
    advance(settings, step, up_to)
    return _published(following, written)


def view_document(row: Row, settings: Settings, as_of: str) -> Document:
    """Returns the document of one window: the real-time row's shape, with generation and asOf."""
    end_seconds = row.end_ms // 1000
    return {
        "id": f"{row.grain}~{row.key}~{row.window}~{end_seconds}~{row.generation}",
        "partitionKey": f"{settings.job}~{settings.version}~{row.key}",
        "job": settings.job,
        "version": settings.version,
        "grain": row.grain,
        "key": row.key,
        "window": row.window,
        "windowStart": iso_from_ms(row.start_ms),
        "windowEnd": iso_from_ms(row.end_ms),
        **{name: row[name] for name in VALUES},
        "generation": row.generation,
        "asOf": as_of,
    }


def _documents(windows: DataFrame, settings: Settings, as_of: str) -> Iterator[Document]:
    # All rows of a key come from one partition, next to each other; their order among keys does not matter.
    grouped = windows.repartition("key").sortWithinPartitions("key", "grain", "window", "end_ms")
    for row in grouped.toLocalIterator(prefetchPartitions=True):
        yield view_document(row, settings, as_of)


def _published(pointer: dict[str, Any] | None, rows: int) -> Published:
    if pointer is None:
        return Published(None, None, rows)
    return Published(pointer["generation"], pointer["batchHighWatermark"], rows)
