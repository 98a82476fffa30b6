"""A captured file is loaded once, wherever an earlier run ended."""

from __future__ import annotations

from datetime import datetime

import pytest
from pyspark.sql import DataFrame, SparkSession

from batch_layer import bronze
from batch_layer.capture import CapturedFile
from batch_layer.progress import reached
from batch_layer.settings import Settings
from batch_layer.tables import append_rows, read_table

_schema = (
    "file string, partition_id int, SequenceNumber long, Offset string, EnqueuedTimeUtc string,"
    " SystemProperties map<string, struct<member0: long, member1: double, member2: string, member3: binary>>,"
    " Properties map<string, struct<member0: long, member1: double, member2: string, member3: binary>>, Body binary"
)


@pytest.fixture
def lake(spark: SparkSession, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[CapturedFile]:
    """Captured files of three events each, as the tests add them."""
    files: list[CapturedFile] = []

    def read(_spark: SparkSession, paths: list[str]) -> DataFrame:
        rows = [
            (file.path, file.partition, n, str(n), "1/5/2026 8:00:01 AM", {}, {}, bytearray(b"{}"))
            for file in files
            if file.path in paths
            for n in range(3)
        ]
        return spark.createDataFrame(rows, _schema)

    monkeypatch.setattr(bronze, "list_captured_files", lambda _spark, _settings: list(files))
    monkeypatch.setattr(bronze, "read_captured", read)
    return files


def _file(settings: Settings, partition: int, minute: int) -> CapturedFile:
    start = datetime(2026, 1, 5, 8, minute)
    return CapturedFile(f"{settings.capture_uri}/{partition}/{minute}.avro", partition, start, 1000)


def _loaded(spark: SparkSession, settings: Settings) -> dict[str, int]:
    rows = read_table(spark, bronze.bronze_table(settings)).groupBy("file").count().collect()
    return {row[0]: row[1] for row in rows}


def test_loads_new_files_and_says_how_far_all_partitions_reach(
    spark: SparkSession, settings: Settings, lake: list[CapturedFile]
) -> None:
    lake.append(_file(settings, 0, 0))
    assert bronze.load_bronze(spark, settings) == 1
    assert reached(settings, "bronze") is None
    lake.extend(_file(settings, partition, 0) for partition in range(1, settings.partitions))
    assert bronze.load_bronze(spark, settings) == settings.partitions - 1
    assert reached(settings, "bronze") == datetime(2026, 1, 5, 8, 5)
    assert bronze.load_bronze(spark, settings) == 0
    assert set(_loaded(spark, settings).values()) == {3}


def test_reads_no_file_twice_after_an_interruption_between_rows_and_list(
    spark: SparkSession, settings: Settings, lake: list[CapturedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.extend(_file(settings, partition, 0) for partition in range(settings.partitions))

    def interrupted(rows: DataFrame, uri: str, partition_by: list[str] | None = None) -> None:
        if uri == bronze.loaded_files_table(settings):
            raise ConnectionError("the server went away")
        append_rows(rows, uri, partition_by)

    with monkeypatch.context() as patch:
        patch.setattr(bronze, "append_rows", interrupted)
        with pytest.raises(ConnectionError):
            bronze.load_bronze(spark, settings)
    lake.append(_file(settings, 0, 5))
    assert bronze.load_bronze(spark, settings) == settings.partitions + 1
    assert set(_loaded(spark, settings).values()) == {3}
    assert len(_loaded(spark, settings)) == settings.partitions + 1
