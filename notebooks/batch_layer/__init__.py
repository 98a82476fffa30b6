"""The batch layer's code: what the thin notebooks beside this package call, tested with real Spark and Delta Lake."""
