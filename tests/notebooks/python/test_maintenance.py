"""Compaction and retention change the files, never the rows."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from batch_layer.maintenance import maintain_tables
from batch_layer.settings import Settings
from batch_layer.silver import fates_table
from batch_layer.tables import append_rows, read_table


def _data_files(uri: str) -> list[Path]:
    return [path for path in Path(uri.removeprefix("file://")).rglob("*.parquet") if "_delta_log" not in path.parts]


def test_leaves_the_same_rows_in_few_files(spark: SparkSession, settings: Settings) -> None:
    uri = fates_table(settings)
    for number in range(4):
        rows = [(f"m{number}-{n}", "2026-01-05") for n in range(3)]
        append_rows(spark.createDataFrame(rows, "message_key string, fate_date string").coalesce(1), uri, ["fate_date"])
    before = {row.message_key for row in read_table(spark, uri).collect()}
    assert len(_data_files(uri)) == 4
    assert maintain_tables(spark, settings, 168) == {"tables": 1, "filesBefore": 4, "filesAfter": 1}
    # Versions of the last hours stay readable.
    assert len(_data_files(uri)) == 5
    maintain_tables(spark, settings, 0)
    assert len(_data_files(uri)) == 1
    assert {row.message_key for row in read_table(spark, uri).collect()} == before
