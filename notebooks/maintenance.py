# Databricks notebook source
# MAGIC %md
# MAGIC # Maintenance
# MAGIC Compacts the Delta tables and removes files that no version of the last `retention_hours` needs. Not while a run goes on.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,maintenance: compact tables, remove old files
import json

from batch_layer.maintenance import maintain_tables

dbutils.widgets.text("retention_hours", "")
hours = float(dbutils.widgets.get("retention_hours") or 168)
dbutils.notebook.exit(json.dumps(maintain_tables(spark, settings, hours)))
