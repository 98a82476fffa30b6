"""Where one run of the batch layer reads and writes, and at which moment of the platform clock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from batch_layer.contracts import hub_named, job_named, topology
from batch_layer.times import iso_from_ms


class FileInfo(Protocol):
    """An entry of a folder as `dbutils.fs.ls` tells it."""

    name: str


class Files(Protocol):
    """The part of `dbutils.fs` that the batch layer uses; files are named by URI."""

    def ls(self, uri: str) -> list[FileInfo]: ...

    def put(self, uri: str, text: str, overwrite: bool) -> bool: ...

    def rm(self, uri: str, recurse: bool) -> bool: ...


class Widgets(Protocol):
    """The part of `dbutils.widgets` that the notebooks use."""

    def get(self, name: str) -> str: ...


@dataclass(frozen=True)
class Settings:
    """Settings of a run; URIs have no trailing slash."""

    hub: str
    job: str
    version: str
    stage: str
    capture_uri: str
    lake_uri: str
    cosmos_endpoint: str
    # None means the identity of the cluster; a key is for one machine only.
    cosmos_key: str | None
    as_of_ms: int
    capture_interval_seconds: int
    # Small files beside the tables.
    files: Files
    # True drops the Delta tables first, so that everything is computed again from the captured files.
    rebuild: bool = False

    @property
    def partitions(self) -> int:
        return hub_named(self.hub)["partitions"][self.stage]

    @property
    def capture_size_limit_bytes(self) -> int:
        return hub_named(self.hub)["capture"]["sizeLimitBytes"]

    @property
    def late_tolerance(self) -> timedelta:
        return timedelta(seconds=job_named(self.job, self.version)["lateToleranceSeconds"])

    @property
    def cosmos_database(self) -> str:
        return topology()["cosmos"]["database"]

    @property
    def as_of(self) -> str:
        return iso_from_ms(self.as_of_ms)

    def table(self, layer: str, name: str) -> str:
        """URI of a Delta table."""
        return f"{self.lake_uri}/{layer}/{name}"

    @staticmethod
    def from_widgets(widgets: Widgets, files: Files) -> Settings:
        """Reads the settings of a notebook run; widgets that are empty take the topology's values."""

        def value(name: str) -> str | None:
            return widgets.get(name) or None

        hub = value("hub") or "telemetry"
        interval = value("capture_interval_seconds") or hub_named(hub)["capture"]["intervalSeconds"]
        as_of_ms = value("as_of_ms") or datetime.now(timezone.utc).timestamp() * 1000
        return Settings(
            hub=hub,
            job=value("job") or "factory-aggregates",
            version=value("version") or "v1",
            stage=value("stage") or "local",
            capture_uri=_required(value("capture_uri"), "capture_uri"),
            lake_uri=_required(value("lake_uri"), "lake_uri"),
            cosmos_endpoint=_required(value("cosmos_endpoint"), "cosmos_endpoint"),
            cosmos_key=os.environ.get("COSMOS_KEY"),
            as_of_ms=int(as_of_ms),
            capture_interval_seconds=int(interval),
            files=files,
            rebuild=value("rebuild") == "true",
        )


def _required(value: Any, name: str) -> str:
    if value is None:
        raise ValueError(f'the widget "{name}" is empty')
    return str(value).rstrip("/")
