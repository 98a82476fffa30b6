"""Keeps the Delta tables small in files: compaction of the many that runs append, and removal of those no version needs."""

from __future__ import annotations

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from batch_layer.bronze import bronze_table, loaded_files_table
from batch_layer.gold import minutes_table, windows_table
from batch_layer.settings import Settings
from batch_layer.silver import conflicts_table, fates_table, silver_table
from batch_layer.tables import table_exists


def all_tables(settings: Settings) -> list[str]:
    """URIs of the tables that a run of the batch layer keeps."""
    return [
        bronze_table(settings),
        loaded_files_table(settings),
        silver_table(settings),
        fates_table(settings),
        conflicts_table(settings),
        minutes_table(settings),
        windows_table(settings),
    ]


def maintain_tables(spark: SparkSession, settings: Settings, retention_hours: float) -> dict[str, int]:
    """Compacts every table and removes files that no version of the last hours names; returns what it did, summed up.

    Rows and newest versions stay what they are. No reader may go on with a version older than the retention, so that it is
    days where others read, and may be short where a run is the only reader.
    """
    done = {"tables": 0, "filesBefore": 0, "filesAfter": 0}
    for uri in filter(lambda uri: table_exists(spark, uri), all_tables(settings)):
        table = DeltaTable.forPath(spark, uri)
        metrics = table.optimize().executeCompaction().select("metrics.*").first()
        table.vacuum(retention_hours)
        done["tables"] += 1
        done["filesBefore"] += metrics.totalConsideredFiles
        done["filesAfter"] += metrics.totalConsideredFiles - metrics.numFilesRemoved + metrics.numFilesAdded
    return done
