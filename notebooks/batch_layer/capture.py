"""The files that Event Hubs Capture leaves in the lake: their schema, their names, and how far they reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Iterable

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from batch_layer.settings import Settings

_value = '["long","double","string","bytes"]'
_nullable_value = '["long","double","string","bytes","null"]'

# Capture's own schema, given to the reader so that the columns never depend on what a file happens to hold.
CAPTURE_SCHEMA = f"""{{
  "type": "record", "name": "EventData", "namespace": "Microsoft.ServiceBus.Messaging",
  "fields": [
    {{"name": "SequenceNumber", "type": "long"}},
    {{"name": "Offset", "type": "string"}},
    {{"name": "EnqueuedTimeUtc", "type": "string"}},
    {{"name": "SystemProperties", "type": {{"type": "map", "values": {_value}}}}},
    {{"name": "Properties", "type": {{"type": "map", "values": {_nullable_value}}}}},
    {{"name": "Body", "type": ["null", "bytes"]}}
  ]
}}"""

# {Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}.avro
_name = re.compile(r"/([^/]+)/(\d+)/(\d{4})/(\d\d)/(\d\d)/(\d\d)/(\d\d)/(\d\d)[^/]*\.avro$")

# A file closed by its size ends somewhere inside its interval; such files are at least this part of the limit.
_closed_by_size = 0.9


@dataclass(frozen=True)
class CapturedFile:
    """One captured file; `start` is the start of its interval in enqueued time, UTC without a zone."""

    path: str
    partition: int
    start: datetime
    bytes: int


def captured_file(path: str, size: int) -> CapturedFile | None:
    """Reads a file's partition and interval from its name; None when the name is not Capture's."""
    match = _name.search(path)
    if match is None:
        return None
    _hub, partition, *moment = match.groups()
    return CapturedFile(path, int(partition), datetime(*map(int, moment)), size)


def list_captured_files(spark: SparkSession, settings: Settings) -> list[CapturedFile]:
    """Lists the hub's captured files, oldest first."""
    files = (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.avro")
        .load(settings.capture_uri)
        .select("path", "length")
    )
    try:
        rows = files.collect()
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return []
        raise
    found = (captured_file(row.path, row.length) for row in rows if f"/{settings.hub}/" in row.path)
    return sorted((file for file in found if file is not None), key=lambda file: (file.start, file.partition))


def completed_end(files: Iterable[CapturedFile], settings: Settings) -> datetime | None:
    """Returns the enqueued time up to which (inclusive) every partition's events are in the lake; None when a partition has no file.

    A partition's files follow each other without a gap and empty intervals have a file too, so the newest file's name
    tells the end: its interval's end, or its own start when it was closed by size before the interval was over. A file
    holds start < enqueued time <= end.
    """
    newest: dict[int, CapturedFile] = {}
    for file in files:
        if file.partition not in newest or file.start > newest[file.partition].start:
            newest[file.partition] = file
    if len(newest) < settings.partitions:
        return None
    interval = timedelta(seconds=settings.capture_interval_seconds)
    size_limit = settings.capture_size_limit_bytes * _closed_by_size
    return min(file.start + (interval if file.bytes < size_limit else timedelta(0)) for file in newest.values())


def read_captured(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Reads captured files as they are, with the file and partition they came from."""
    return (
        spark.read.format("avro")
        .option("avroSchema", CAPTURE_SCHEMA)
        .load(paths)
        .withColumn("file", F.col("_metadata.file_path"))
        .withColumn("partition_id", F.regexp_extract("file", _name.pattern, 2).cast("int"))
    )
