# Databricks notebook source
# MAGIC %md
# MAGIC # Fates of messages
# MAGIC Writes one JSON line for each message id, `{"messageId", "fate"}`, to the local file that `output_path` names.

# COMMAND ----------

# MAGIC %run ./run_settings

# COMMAND ----------

# DBTITLE 1,write the fate of each message
from batch_layer.silver import write_message_fates

dbutils.widgets.text("output_path", "")
written = write_message_fates(spark, settings, dbutils.widgets.get("output_path"))
dbutils.notebook.exit(str(written))
