# Databricks notebook source
# MAGIC %md
# MAGIC # Bronze
# MAGIC Appends the events of captured Avro files that are not loaded yet, as they are. Running it again changes nothing.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,drop tables for a rebuild
if settings.rebuild:
    for layer in ("progress", "gold", "silver", "bronze"):
        dbutils.fs.rm(f"{settings.lake_uri}/{layer}", True)

# COMMAND ----------

# DBTITLE 1,bronze: load captured files
from batch_layer.bronze import load_bronze

new_files = load_bronze(spark, settings)
