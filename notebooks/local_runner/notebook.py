"""Executes notebook files cell by cell in one Spark session."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from pyspark.sql import DataFrame, SparkSession

from local_runner.cells import Cell, split_cells
from local_runner.dbutils import Dbutils, NotebookExit

# Called before each cell that does something: notebook's name, line, title.
OnCell = Callable[[str, int, "str | None"], None]


class NotebookRunner:
    """Runs notebooks of one folder. `show` prints what a notebook displays."""

    def __init__(
        self,
        spark: SparkSession,
        folder: Path,
        on_cell: OnCell = lambda name, line, title: None,
        show: Callable[[str], None] = print,
    ) -> None:
        self._spark = spark
        self._folder = folder
        self._on_cell = on_cell
        self._show = show

    def run(self, name: str, parameters: dict[str, str]) -> str | None:
        """Runs a notebook with these widget values and returns what it exits with; None when it runs to its end.

        An error of a cell comes as it is; its traceback names the notebook file and the line in it.
        """
        run_other = lambda path, arguments: self.run(_plain(path), arguments)  # noqa: E731
        dbutils = Dbutils(self._spark, parameters, run_other)
        names = {"__name__": "__main__", "spark": self._spark, "dbutils": dbutils, "display": self._display}
        try:
            self._execute(name, names)
        except NotebookExit as ended:
            return ended.value
        return None

    def _execute(self, name: str, names: dict[str, Any]) -> None:
        file = self._folder / f"{name}.py"
        for cell in split_cells(file.read_text(encoding="utf-8")):
            if cell.magic == "md":
                continue
            self._on_cell(name, cell.line, cell.title)
            self._execute_cell(file, cell, names)

    def _execute_cell(self, file: Path, cell: Cell, names: dict[str, Any]) -> None:
        if cell.magic is None or cell.magic == "python":
            # Blank lines in front keep the file's line numbers in tracebacks.
            code = "\n" * (cell.line - 1) + cell.text
            exec(compile(code, str(file), "exec"), names)  # noqa: S102
        elif cell.magic == "run":
            self._execute(_plain(cell.text), names)
        elif cell.magic == "sql":
            for statement in filter(str.strip, cell.text.split(";")):
                names["_sqldf"] = self._spark.sql(statement)
                self._display(names["_sqldf"])
        else:
            raise ValueError(f'{file.name}:{cell.line}: the magic "%{cell.magic}" is not supported here')

    def _display(self, value: Any) -> None:
        if isinstance(value, DataFrame):
            rows = value.limit(20).collect()
            self._show("\n".join([" | ".join(value.columns), *(" | ".join(map(str, row)) for row in rows)]))
        else:
            self._show(str(value))


def _plain(path: str) -> str:
    return path.strip().removeprefix("./").removesuffix(".py")
