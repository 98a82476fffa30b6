# Databricks notebook source
# MAGIC %md
# MAGIC # Settings of a batch run
# MAGIC Widgets name the places of the lake and of the views. Empty widgets take the values of `contracts/topology.json`.

# COMMAND ----------

from batch_layer.settings import Settings

for widget in ("stage", "hub", "job", "version", "as_of_ms", "capture_interval_seconds", "rebuild"):
    dbutils.widgets.text(widget, "")
for widget in ("capture_uri", "lake_uri", "cosmos_endpoint"):
    dbutils.widgets.text(widget, "")

settings = Settings.from_widgets(dbutils.widgets, dbutils.fs)
