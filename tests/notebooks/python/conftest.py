"""One Spark session for all tests; small data, local files."""

from __future__ import annotations

import os

import pytest
from pyspark.sql import SparkSession

from batch_layer.session import local_session
from batch_layer.settings import Settings
from local_runner.dbutils import Files


@pytest.fixture(scope="session")
def spark() -> SparkSession:
    session = local_session(os.environ["BATCH_JARS"].split(","), None, None)
    yield session
    session.stop()


@pytest.fixture
def settings(spark: SparkSession, tmp_path) -> Settings:
    return Settings(
        hub="telemetry",
        job="factory-aggregates",
        version="v1",
        stage="dev",
        capture_uri=f"file://{tmp_path}/capture",
        lake_uri=f"file://{tmp_path}/lake",
        cosmos_endpoint="",
        cosmos_key=None,
        as_of_ms=1_767_600_900_000,
        capture_interval_seconds=300,
        files=Files(spark),
    )
