"""The Spark session of one machine; on Databricks the cluster brings its own."""

from __future__ import annotations

import os

from pyspark.sql import SparkSession

_account = "devstoreaccount1"


def local_session(jars: list[str], storage_endpoint: str | None, storage_key: str | None) -> SparkSession:
    """Starts Spark with Delta Lake on this machine.

    `storage_endpoint` (host:port of a blob server) makes `abfss://<container>@devstoreaccount1.dfs.core.windows.net` work
    against it, so that URIs have the cloud's shape.
    """
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    options = {
        "spark.jars": ",".join(jars),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.driver.memory": os.environ.get("BATCH_DRIVER_MEMORY", "2g"),
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.default.parallelism": "4",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
        "spark.sql.execution.pythonUDF.arrow.enabled": "false",
        # A run is the tables' only reader here, so that files may go soon after the version that needed them.
        "spark.databricks.delta.retentionDurationCheck.enabled": "false",
        "spark.databricks.delta.schema.autoMerge.enabled": "false",
    }
    if storage_endpoint is not None:
        options.update(_storage_options(storage_endpoint, storage_key))
    session = SparkSession.builder.master("local[2]").appName("batch-layer").config(map=options).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _storage_options(endpoint: str, key: str | None) -> dict[str, str]:
    prefix = "spark.hadoop.fs.azure"
    options = {
        f"{prefix}.abfs.endpoint": endpoint,
        f"{prefix}.always.use.https": "false",
        f"{prefix}.account.hns.enabled": "false",
        f"{prefix}.fns.account.service.type": "BLOB",
        f"{prefix}.networking.library": "JDK_HTTP_URL_CONNECTION",
        f"{prefix}.ssl.channel.mode": "Default_JSSE",
        # The server is on this machine: the driver's patience for a distant service would stall on each refused request.
        f"{prefix}.io.retry.max.retries": "3",
        f"{prefix}.io.retry.min.backoff.interval": "50",
        f"{prefix}.io.retry.max.backoff.interval": "500",
        f"{prefix}.io.retry.backoff.interval": "50",
        "spark.hadoop.fs.abfss.impl": "org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem",
    }
    for host in ("dfs", "blob"):
        options[f"{prefix}.account.key.{_account}.{host}.core.windows.net"] = key or ""
    return options


def forget_cached_tables(spark: SparkSession) -> None:
    """Makes Delta read its logs anew: a lake that fell back at a kill must not be continued from memory."""
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    spark.catalog.clearCache()
