"""How far each layer has come: a marker file for each step, named by the enqueued time up to which the step is complete.

A marker appears after the step's own rows, by the one act of making the file: it is there or it is not, so that a run that
ends at any moment leaves the step as done or as to be repeated.
"""

from __future__ import annotations

from datetime import datetime

from batch_layer.settings import Settings

_format = "%Y%m%dT%H%M%S.%f"


def reached(settings: Settings, step: str) -> datetime | None:
    """Returns the enqueued time (inclusive, UTC without a zone) up to which the step is complete; None before its first run."""
    return max(_marked(settings, step), default=None)


def advance(settings: Settings, step: str, up_to: datetime) -> None:
    """Notes that the step is complete up to this enqueued time; markers that say otherwise go."""
    folder = _folder(settings, step)
    settings.files.put(f"{folder}/{up_to.strftime(_format)}", settings.as_of, True)
    for other in _marked(settings, step):
        if other != up_to:
            settings.files.rm(f"{folder}/{other.strftime(_format)}", False)


def begin(settings: Settings, step: str) -> bool:
    """Notes that a step of several writes begins; returns whether an earlier one was begun and never ended."""
    uri = f"{_folder(settings, step)}_open/begun"
    was_open = bool(_names(settings, f"{_folder(settings, step)}_open"))
    settings.files.put(uri, settings.as_of, True)
    return was_open


def end(settings: Settings, step: str) -> None:
    """Notes that all writes of a step are done."""
    settings.files.rm(f"{_folder(settings, step)}_open/begun", False)


def _marked(settings: Settings, step: str) -> list[datetime]:
    return [datetime.strptime(name, _format) for name in _names(settings, _folder(settings, step))]


def _names(settings: Settings, folder: str) -> list[str]:
    try:
        return [entry.name for entry in settings.files.ls(folder)]
    except Exception as error:
        # Databricks wraps the file system's own error.
        if "FileNotFoundException" in f"{type(error).__name__} {error}":
            return []
        raise


def _folder(settings: Settings, step: str) -> str:
    return settings.table("progress", f"{settings.hub}/{step}")
