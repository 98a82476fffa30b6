"""Splits a notebook in Databricks source format into its cells."""

from __future__ import annotations

from dataclasses import dataclass

_header = "# Databricks notebook source"
_separator = "# COMMAND ----------"
_magic = "# MAGIC"
_title = "# DBTITLE"


@dataclass(frozen=True)
class Cell:
    """One cell. `line` is the file's line of the cell's first line, counted from 1; `magic` is e.g. "md" or "run"."""

    line: int
    magic: str | None
    text: str
    title: str | None


def split_cells(source: str) -> list[Cell]:
    """Returns the notebook's cells that are not empty; raises ValueError when the text is no notebook."""
    lines = source.splitlines()
    if not lines or lines[0].strip() != _header:
        raise ValueError(f'a notebook starts with the line "{_header}"')
    cells: list[Cell] = []
    start = 1
    for number, line in enumerate([*lines[1:], _separator], start=1):
        if line.strip() == _separator:
            cell = _cell(start + 1, lines[start:number])
            if cell is not None:
                cells.append(cell)
            start = number + 1
    return cells


def _cell(line: int, lines: list[str]) -> Cell | None:
    title = next((text.split(",", 1)[-1].strip() for text in lines if text.startswith(_title)), None)
    if all(text.strip() == "" or text.startswith(_title) for text in lines):
        return None
    magic_lines = [text[len(_magic) :].removeprefix(" ") for text in lines if text.startswith(_magic)]
    if not magic_lines:
        return Cell(line, None, "\n".join(lines), title)
    first, _, rest = magic_lines[0].strip().partition(" ")
    if not first.startswith("%"):
        raise ValueError(f"line {line}: a MAGIC cell starts with % and a word")
    return Cell(line, first[1:], "\n".join([rest, *magic_lines[1:]]).strip(), title)
