"""The switch of generations: one atomic step, repeatable after any interruption, never backwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from pyspark.sql import SparkSession

from batch_layer.capture import CapturedFile, captured_file, completed_end
from batch_layer.gold import load_gold
from batch_layer.progress import advance
from batch_layer.publish import publish_views
from batch_layer.settings import Settings
from batch_layer.silver import HOURS, silver_table
from batch_layer.tables import append_rows

_minute = 60_000
_start = 1_767_600_000_000
_schema = (
    "event_id string, event_ms long, device_id string, factory_id string, line_id string, temperature double,"
    " vibration double, pressure double, power_kw double, units long, defects long, decided_up_to timestamp,"
    " event_date string, event_hour int"
)


class Views:
    """Keeps rows and pointer as Cosmos DB would, and can fail before the switch."""

    def __init__(self) -> None:
        self.rows: dict[str, dict] = {}
        self.pointer: dict | None = None
        self.fails = False

    def read_pointer(self) -> dict | None:
        return self.pointer

    def write_rows(self, rows) -> int:
        found = {row["id"]: row for row in rows}
        self.rows.update(found)
        return len(found)

    def switch_pointer(self, pointer: dict, previous: dict | None) -> None:
        if self.fails:
            raise ConnectionError("the server went away")
        assert previous is self.pointer
        self.pointer = pointer

    def remove_generations_except(self, generation: int | None) -> int:
        before = len(self.rows)
        self.rows = {key: row for key, row in self.rows.items() if row["generation"] == generation}
        return before - len(self.rows)


def _store(spark: SparkSession, settings: Settings, event_ms: list[int], up_to: datetime) -> None:
    rows = [
        (f"e{at}", at, "d", "f", "l", 1.0, 1.0, 1.0, 1.0, 1, 0, up_to, "2026-01-05", 7 if at <= _start else 8)
        for at in event_ms
    ]
    append_rows(spark.createDataFrame(rows, _schema), silver_table(settings), HOURS)
    advance(settings, "silver", up_to)
    load_gold(spark, settings)


def test_switches_once_and_repeats_an_interrupted_run(spark: SparkSession, settings: Settings) -> None:
    views = Views()
    _store(spark, settings, [_start, _start + 1, _start + 3 * _minute], datetime(2026, 1, 5, 8, 5))
    first = publish_views(spark, settings, views)
    assert (first.generation, first.batch_high_watermark) == (1, "2026-01-05T08:04:00.0000000Z")
    assert {row["windowEnd"] for row in views.rows.values()} <= {f"2026-01-05T08:0{m}:00.0000000Z" for m in range(5)}
    assert views.rows[f"device~d~1m~{_start // 1000}~1"]["count"] == 1
    again = publish_views(spark, settings, views)
    assert (again.generation, again.rows) == (1, 0)

    # A late event for a published window, and a server that goes away before the switch.
    _store(spark, settings, [_start - 10], datetime(2026, 1, 5, 8, 10))
    views.fails = True
    with pytest.raises(ConnectionError):
        publish_views(spark, settings, views)
    assert views.pointer["generation"] == 1
    assert views.rows[f"device~d~1m~{_start // 1000}~1"]["count"] == 1
    views.fails = False
    second = publish_views(spark, settings, views)
    assert (second.generation, second.batch_high_watermark) == (2, "2026-01-05T08:09:00.0000000Z")
    assert {row["generation"] for row in views.rows.values()} == {2}
    assert views.rows[f"device~d~1m~{_start // 1000}~2"]["count"] == 2

    views.pointer = {**views.pointer, "batchHighWatermark": "2026-01-05T09:00:00.0000000Z"}
    behind = publish_views(spark, replace(settings), views)
    assert (behind.generation, behind.rows) == (2, 0)


def test_reads_the_completed_end_from_the_files_of_every_partition(settings: Settings) -> None:
    def file(partition: int, minute: int, size: int = 1000) -> CapturedFile:
        found = captured_file(f"x/evhns/telemetry/{partition}/2026/01/05/08/{minute:02d}/30.avro", size)
        assert found is not None
        return found

    everyone = [file(partition, 0) for partition in range(settings.partitions)]
    assert completed_end(everyone, settings) == datetime(2026, 1, 5, 8, 5, 30)
    assert completed_end(everyone[1:], settings) is None
    assert completed_end([*everyone, file(0, 5)], settings) == datetime(2026, 1, 5, 8, 5, 30)
    assert completed_end([file(p, 5, 400_000_000) for p in range(settings.partitions)], settings) == datetime(
        2026, 1, 5, 8, 5, 30
    )
    assert captured_file("x/evhns/telemetry/readme.avro", 1) is None
