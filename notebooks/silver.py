# Databricks notebook source
# MAGIC %md
# MAGIC # Silver
# MAGIC Decides the fate of each captured message: stored, duplicate or quarantined. Each event is kept once.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,silver: check and deduplicate messages
from batch_layer.silver import load_silver

silver_up_to = load_silver(spark, settings)
