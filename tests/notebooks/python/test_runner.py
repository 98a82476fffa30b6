"""Notebooks run cell by cell: magics, shared names, widgets, exit, line numbers."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from local_runner.cells import split_cells
from local_runner.notebook import NotebookRunner

_main = """# Databricks notebook source
# MAGIC %md
# MAGIC # Title

# COMMAND ----------

# MAGIC %run ./other

# COMMAND ----------

# DBTITLE 1,the work
dbutils.widgets.text("name", "nobody")
greeting = f"{shared} {dbutils.widgets.get('name')}"

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1 AS one

# COMMAND ----------

dbutils.notebook.exit(f"{greeting} {_sqldf.first().one}")

# COMMAND ----------

raise RuntimeError("after the exit")
"""


def _notebooks(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_runs_the_cells_of_a_notebook_and_those_it_names(spark: SparkSession, tmp_path: Path) -> None:
    folder = _notebooks(tmp_path, main=_main, other='# Databricks notebook source\nshared = "hello"\n')
    shown: list[str] = []
    titles: list[str | None] = []
    runner = NotebookRunner(spark, folder, lambda name, line, title: titles.append(title), shown.append)
    assert runner.run("main", {}) == "hello nobody 1"
    assert runner.run("main", {"name": "you"}) == "hello you 1"
    assert shown[0] == "one\n1"
    assert "the work" in titles


def test_names_the_line_of_an_error(spark: SparkSession, tmp_path: Path) -> None:
    text = "# Databricks notebook source\na = 1\n\n# COMMAND ----------\n\nb = 2\nraise RuntimeError('here')\n"
    folder = _notebooks(tmp_path, main=text)
    with pytest.raises(RuntimeError) as caught:
        NotebookRunner(spark, folder).run("main", {})
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (Path(last.filename).name, last.lineno) == ("main.py", 7)


def test_refuses_what_is_no_notebook_or_an_unknown_magic(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="starts with the line"):
        split_cells("print(1)\n")
    folder = _notebooks(tmp_path, main="# Databricks notebook source\n# MAGIC %scala\n# MAGIC 1\n")
    with pytest.raises(ValueError, match='main.py:2: the magic "%scala" is not supported'):
        NotebookRunner(spark, folder).run("main", {})


@pytest.mark.parametrize("name", ["factory_batch", "bronze", "silver", "gold", "publish_views", "message_fates", "maintenance"])
def test_reads_the_notebooks_of_the_project(name: str) -> None:
    cells = split_cells((Path(__file__).parents[3] / "notebooks" / f"{name}.py").read_text())
    assert cells[0].magic == "md"
