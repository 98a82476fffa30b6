# Databricks notebook source
# MAGIC %md
# MAGIC # Factory batch
# MAGIC The whole batch layer of the job factory-aggregates: bronze, silver, gold, batch views.
# MAGIC One run at a time; a run may be repeated at any moment.

# COMMAND ----------

# MAGIC %run ./bronze

# COMMAND ----------

# MAGIC %run ./silver

# COMMAND ----------

# MAGIC %run ./gold

# COMMAND ----------

# MAGIC %run ./publish_views

# COMMAND ----------

# DBTITLE 1,account for every message
import json

from batch_layer.silver import count_fates
from batch_layer.times import iso_from_ms, ms_from_utc

counts = count_fates(spark, settings)
dbutils.notebook.exit(
    json.dumps(
        {
            "generation": published.generation,
            "batchHighWatermark": published.batch_high_watermark,
            "inputThrough": None if silver_up_to is None else iso_from_ms(ms_from_utc(silver_up_to)),
            "rows": published.rows,
            "conflicts": counts.pop("conflicts"),
            "counts": counts,
        }
    )
)
