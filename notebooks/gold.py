# Databricks notebook source
# MAGIC %md
# MAGIC # Gold
# MAGIC Computes the one-minute rows of every hour that gained events.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,gold: aggregate changed hours
from batch_layer.gold import load_gold

gold_up_to = load_gold(spark, settings)
