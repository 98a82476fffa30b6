# Databricks notebook source
# MAGIC %md
# MAGIC # Batch views
# MAGIC Writes a new generation of windows to Cosmos DB and switches the pointer to it in one step.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,views: write a generation and switch the pointer
from batch_layer.publish import publish_views
from batch_layer.view_store import ViewStore

published = publish_views(spark, settings, ViewStore.connect(settings))
