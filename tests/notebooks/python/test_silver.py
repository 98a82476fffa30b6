"""Fates do not depend on the order of the rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from pyspark.sql import SparkSession

from batch_layer.silver import decide_fates, fates_by_id
from batch_layer.validity import Checked

_start = datetime(2026, 1, 5, 8)
_schema = (
    "enqueued_time timestamp, partition_id int, sequence_number long, message_key string, reason string, detail string,"
    " event_id string, event_ms long, device_id string, factory_id string, line_id string, temperature double,"
    " vibration double, pressure double, power_kw double, units long, defects long"
)


def _row(second: int, partition: int, sequence: int, event_id: str | None, temperature: float = 1.0) -> tuple:
    place = (_start + timedelta(seconds=second), partition, sequence, f"m{partition}-{sequence}")
    if event_id is None:
        return (*place, *Checked("TYPE", "units is not of type integer"))
    return (*place, *Checked(None, None, event_id, 0, "d", "f", "l", temperature, 1.0, 1.0, 1.0, 1, 0))


_rows = [
    _row(5, 1, 0, "a"),
    _row(5, 0, 7, "a"),
    _row(4, 2, 9, "a", 2.0),
    _row(6, 0, 8, "b"),
    _row(6, 0, 9, "b"),
    _row(1, 3, 1, None),
]


def _decide(spark: SparkSession, rows: list[tuple]) -> dict[str, tuple[str, bool]]:
    decided = decide_fates(spark.createDataFrame(rows, _schema), None).collect()
    return {row.message_key: (row.fate, row.conflict) for row in decided}


def test_keeps_the_lowest_enqueued_time_partition_and_sequence_in_any_order(spark: SparkSession) -> None:
    expected = {
        "m2-9": ("stored", False),
        "m0-7": ("duplicate", True),
        "m1-0": ("duplicate", True),
        "m0-8": ("stored", False),
        "m0-9": ("duplicate", False),
        "m3-1": ("quarantined", False),
    }
    generator = random.Random(7)
    for _ in range(3):
        shuffled = generator.sample(_rows, len(_rows))
        assert _decide(spark, shuffled) == expected


def test_keeps_the_stored_event_of_an_earlier_run_and_meets_itself_again(spark: SparkSession) -> None:
    rows = spark.createDataFrame(_rows, _schema)
    stored = decide_fates(rows, None).where("fate = 'stored'").drop("fate", "conflict", "known")
    later = spark.createDataFrame([_row(60, 0, 20, "a", 2.0), _row(4, 2, 9, "a", 2.0)], _schema)
    found = {row.message_key: (row.fate, row.known, row.conflict) for row in decide_fates(later, stored).collect()}
    assert found == {"m0-20": ("duplicate", True, False), "m2-9": ("stored", True, False)}


def test_gives_each_message_id_one_fate(spark: SparkSession) -> None:
    fates = spark.createDataFrame(
        [("m", "duplicate", False), ("m", "stored", False), ("q", "quarantined", False)],
        "message_key string, fate string, conflict boolean",
    )
    assert {row.message_key: row.fate for row in fates_by_id(fates).collect()} == {"m": "stored", "q": "quarantined"}
