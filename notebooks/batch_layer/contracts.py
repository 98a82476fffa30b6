"""The project's contracts as Python reads them: the same JSON files that TypeScript uses."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

# Beside notebooks/ in the repository; a deployment may put the folder elsewhere and name it in the environment.
_folder = Path(os.environ.get("CONTRACTS_FOLDER", Path(__file__).resolve().parents[2] / "contracts"))


def read_contract(path: str) -> dict[str, Any]:
    """Returns a JSON document of the contracts folder, by its path inside it."""
    return json.loads((_folder / path).read_text(encoding="utf-8"))


@lru_cache(maxsize=None)
def topology() -> dict[str, Any]:
    """Returns hubs, partitions, containers and jobs."""
    return read_contract("topology.json")


def hub_named(name: str) -> dict[str, Any]:
    """Returns the hub of that name; KeyError when the topology has none."""
    for hub in topology()["eventHubs"]["hubs"]:
        if hub["name"] == name:
            return hub
    raise KeyError(f'hub "{name}" is not in contracts/topology.json')


def job_named(name: str, version: str) -> dict[str, Any]:
    """Returns the stream job of that name and version; KeyError when the topology has none."""
    for job in topology()["jobs"]:
        if job["name"] == name and job["version"] == version:
            return job
    raise KeyError(f'job "{name}" {version} is not in contracts/topology.json')
