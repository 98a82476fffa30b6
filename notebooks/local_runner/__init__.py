"""Runs notebooks in Databricks source format on one machine: cells, magics, widgets and exit."""
