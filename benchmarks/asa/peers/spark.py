"""Runs one workload with Spark Structured Streaming, JSON lines to JSON lines, a file of input for each micro-batch."""

import json
import os
import sys
import tempfile
import time

from measured import report
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

task = json.loads(sys.argv[1])

with tempfile.TemporaryDirectory(prefix="spark-") as folder:
    output = os.path.join(folder, "output")
    settings = {
        "spark.driver.memory": "2g",
        "spark.local.dir": folder,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    pid = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()

    def stream(path: str, columns: str):
        reader = spark.readStream.schema(f"deviceId STRING, eventTime TIMESTAMP, {columns}")
        return reader.option("maxFilesPerTrigger", 1).json(path).withWatermark("eventTime", "5 seconds")

    def figures(rows, window):
        grouped = rows.groupBy("deviceId", window.alias("span")).agg(
            f.avg("temperature").alias("mean"),
            f.min("temperature").alias("low"),
            f.max("temperature").alias("high"),
            f.count("*").alias("n"),
        )
        return grouped.select("deviceId", "mean", "low", "high", "n", f.col("span.end").alias("windowEnd"))

    def joined(rows):
        commands = stream(task["commands"], "command STRING, value LONG").alias("c")
        within = "c.eventTime >= t.eventTime AND c.eventTime < t.eventTime + INTERVAL 6 SECONDS"
        pairs = rows.alias("t").join(commands, f.expr(f"t.deviceId = c.deviceId AND {within}"))
        return pairs.select("t.deviceId", "temperature", "command", "value")

    def enriched(rows):
        devices = spark.read.schema("deviceId STRING, region STRING, owner STRING").json(task["reference"])
        pairs = rows.join(f.broadcast(devices), "deviceId").where("region = 'europe'")
        return pairs.select("deviceId", "eventTime", "temperature", "region", "owner")

    questions = {
        "W1": lambda rows: figures(rows, f.window("eventTime", "1 minute")),
        "W2": lambda rows: figures(rows, f.window("eventTime", "5 minutes", "1 minute")),
        "W4": lambda rows: figures(rows, f.session_window("eventTime", "5 seconds")).drop("mean"),
        "W6": joined,
        "W7": enriched,
    }
    rows = questions[task["workload"]](stream(task["telemetry"], "temperature DOUBLE"))
    started = time.monotonic()
    query = (
        rows.writeStream.format("json")
        .option("path", output)
        .option("checkpointLocation", os.path.join(folder, "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    report(pid, time.monotonic() - started, output)
    spark.stop()
