"""Small helpers over Delta tables that are addressed by URI."""

from __future__ import annotations

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def table_exists(spark: SparkSession, uri: str) -> bool:
    """Whether a Delta table stands at the URI."""
    return DeltaTable.isDeltaTable(spark, uri)


def read_table(spark: SparkSession, uri: str) -> DataFrame:
    """Reads a Delta table's newest version."""
    return spark.read.format("delta").load(uri)


def append_rows(rows: DataFrame, uri: str, partition_by: list[str] | None = None) -> None:
    """Appends rows in one commit; makes the table when there is none."""
    rows.write.format("delta").mode("append").partitionBy(*(partition_by or [])).save(uri)


def insert_new_rows(rows: DataFrame, uri: str, keys: list[str], partition_by: str) -> None:
    """Appends the rows whose keys the table does not hold yet, looking only into the dates of these rows.

    The keys of a row must decide its partition. A second call with the same rows changes nothing. Two runs over one table
    must not write at the same time; the batch job is limited to one run.
    """
    spark = rows.sparkSession
    if table_exists(spark, uri):
        dates = [row[0] for row in rows.select(partition_by).distinct().collect()]
        held = read_table(spark, uri).where(F.col(partition_by).isin(dates)).select(*keys)
        rows = rows.join(held, keys, "left_anti").select(*rows.columns)
    if not rows.isEmpty():
        append_rows(rows, uri, [partition_by])


def replace_partitions(rows: DataFrame, uri: str, partition_by: list[str]) -> None:
    """Replaces the partitions that these rows belong to, in one commit; other partitions stay."""
    writer = rows.write.format("delta").mode("overwrite").partitionBy(*partition_by)
    writer.option("partitionOverwriteMode", "dynamic").save(uri)


def replace_table(rows: DataFrame, uri: str) -> None:
    """Replaces all rows of a table in one commit."""
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(uri)
