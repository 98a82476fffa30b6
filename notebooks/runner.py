"""A long-lived process that runs notebooks for the platform on one machine.

Reads JSON lines on standard input: {"id", "run": <notebook>, "parameters": {<widget>: <text>}}.
Writes JSON lines on standard output: {"type": "ready"}, {"type": "progress", "id", "notebook", "line", "title"},
{"type": "result", "id", "value"} and {"type": "failed", "id", "error", "detail"}. Everything that Spark or a notebook prints
goes to standard error. Ends when standard input ends. Its settings come in the environment: BATCH_JARS (paths joined by
commas), BATCH_STORAGE_ENDPOINT (host:port), BATCH_STORAGE_KEY, COSMOS_KEY.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

# A lake on a server that was killed may have lost its newest files; then the tables are made again from Capture's files.
_lost_files = (
    "DELTA_VERSIONS_NOT_CONTIGUOUS",
    "DELTA_LOG_FILE_NOT_FOUND",
    "DELTA_FILE_NOT_FOUND",
    "DELTA_TRUNCATED_TRANSACTION_LOG",
    "DELTA_STATE_RECOVER_ERROR",
    "FAILED_READ_FILE",
    "FileNotFoundException",
    "DELTA_SCHEMA_NOT_SET",
    "DELTA_METADATA_ABSENT",
)


def _private_stdout() -> TextIO:
    """Takes standard output for the protocol; whatever else writes to it, the JVM included, reaches standard error."""
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return protocol


def _read_requests(requests: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        if line.strip():
            requests.put(json.loads(line))
    # The platform is gone: a run that goes on could meet the run of its successor.
    os._exit(0)


class Server:
    """Answers run requests one after the other in one Spark session."""

    def __init__(self, protocol: TextIO) -> None:
        from batch_layer.session import local_session

        self._protocol = protocol
        self._spark = local_session(
            [jar for jar in os.environ.get("BATCH_JARS", "").split(",") if jar],
            os.environ.get("BATCH_STORAGE_ENDPOINT"),
            os.environ.get("BATCH_STORAGE_KEY"),
        )

    def send(self, message: dict[str, Any]) -> None:
        self._protocol.write(json.dumps(message) + "\n")

    def answer(self, request: dict[str, Any]) -> None:
        """Runs a notebook and sends its result; a run over a lake that lost files is repeated from Capture's files."""
        parameters = {name: str(value) for name, value in request.get("parameters", {}).items()}
        try:
            try:
                value = self._run(request, parameters)
            except Exception as error:
                if not any(sign in str(error) for sign in _lost_files):
                    raise
                self._progress(request["id"], "recovery", 0, "tables lost files: computing them again")
                value = self._run(request, {**parameters, "rebuild": "true"})
            self.send({"type": "result", "id": request["id"], "value": value and json.loads(value)})
        except Exception as error:
            summary = f"{type(error).__name__}: {error}".splitlines()[0][:500]
            traceback.print_exc()
            self.send({"type": "failed", "id": request["id"], "error": summary, "detail": traceback.format_exc()[-4000:]})

    def _run(self, request: dict[str, Any], parameters: dict[str, str]) -> str | None:
        from batch_layer.session import forget_cached_tables
        from local_runner.notebook import NotebookRunner

        forget_cached_tables(self._spark)
        on_cell = lambda name, line, title: self._progress(request["id"], name, line, title)  # noqa: E731
        show = lambda text: print(text, file=sys.stderr)  # noqa: E731
        runner = NotebookRunner(self._spark, Path(__file__).parent, on_cell, show)
        return runner.run(request["run"], parameters)

    def _progress(self, run_id: int, notebook: str, line: int, title: str | None) -> None:
        if title is not None:
            self.send({"type": "progress", "id": run_id, "notebook": notebook, "line": line, "title": title})


def main() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()
    protocol = _private_stdout()
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    server = Server(protocol)
    server.send({"type": "ready"})
    while True:
        server.answer(requests.get())


if __name__ == "__main__":
    main()
