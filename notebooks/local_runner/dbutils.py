"""The part of Databricks' `dbutils` that the notebooks use, for a notebook run of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from pyspark.sql import SparkSession


class NotebookExit(BaseException):
    """Ends a notebook early with a value; no error."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class Widgets:
    """Parameters of a run; a notebook names its widgets with their defaults."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = dict(values)

    def text(self, name: str, default: str, label: str | None = None) -> None:
        self._values.setdefault(name, default)

    def dropdown(self, name: str, default: str, choices: list[str], label: str | None = None) -> None:
        value = self._values.setdefault(name, default)
        if value not in choices:
            raise ValueError(f'the widget "{name}" has no choice "{value}": {", ".join(choices)}')

    def get(self, name: str) -> str:
        if name not in self._values:
            raise KeyError(f'no widget "{name}"')
        return self._values[name]


class Notebooks:
    """Runs other notebooks and ends this one."""

    def __init__(self, run: Callable[[str, dict[str, str]], str | None]) -> None:
        self._run = run

    def run(self, path: str, timeout_seconds: int = 0, arguments: dict[str, str] | None = None) -> str | None:
        return self._run(path, arguments or {})

    def exit(self, value: str) -> None:
        raise NotebookExit(value)


@dataclass(frozen=True)
class FileInfo:
    """An entry of a folder."""

    path: str
    name: str
    size: int


class Files:
    """Files of the lake by URI."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def ls(self, uri: str) -> list[FileInfo]:
        system, path = self._at(uri)
        return [
            FileInfo(status.getPath().toString(), status.getPath().getName(), status.getLen())
            for status in system.listStatus(path)
        ]

    def put(self, uri: str, text: str, overwrite: bool = False) -> bool:
        system, path = self._at(uri)
        stream = system.create(path, overwrite)
        stream.write(text.encode("utf-8"))
        stream.close()
        return True

    def rm(self, uri: str, recurse: bool = False) -> bool:
        system, path = self._at(uri)
        return system.delete(path, recurse)

    def _at(self, uri: str) -> tuple[Any, Any]:
        jvm: Any = self._spark._jvm
        path = jvm.org.apache.hadoop.fs.Path(uri)
        return path.getFileSystem(self._spark._jsc.hadoopConfiguration()), path


class Dbutils:
    """The object that notebooks know as `dbutils`."""

    def __init__(
        self, spark: SparkSession, parameters: dict[str, str], run: Callable[[str, dict[str, str]], str | None]
    ) -> None:
        self.widgets = Widgets(parameters)
        self.notebook = Notebooks(run)
        self.fs = Files(spark)
