"""Markers of progress: the newest word counts, and a step that fell back says so."""

from __future__ import annotations

from datetime import datetime

from batch_layer.progress import advance, reached
from batch_layer.settings import Settings

_early = datetime(2026, 1, 5, 8, 5)
_late = datetime(2026, 1, 5, 8, 10, 0, 500)


def test_knows_nothing_before_the_first_run(settings: Settings) -> None:
    assert reached(settings, "silver") is None


def test_keeps_each_step_apart(settings: Settings) -> None:
    advance(settings, "silver", _late)
    advance(settings, "gold/factory-aggregates/v1", _early)
    assert reached(settings, "silver") == _late
    assert reached(settings, "gold/factory-aggregates/v1") == _early


def test_says_the_last_word_also_when_it_is_less(settings: Settings) -> None:
    advance(settings, "bronze", _early)
    advance(settings, "bronze", _late)
    assert reached(settings, "bronze") == _late
    advance(settings, "bronze", _early)
    assert reached(settings, "bronze") == _early


def test_takes_the_later_of_two_that_an_interrupted_step_left(settings: Settings) -> None:
    advance(settings, "silver", _early)
    folder = settings.table("progress", f"{settings.hub}/silver")
    settings.files.put(f"{folder}/{_late.strftime('%Y%m%dT%H%M%S.%f')}", "", True)
    assert reached(settings, "silver") == _late
