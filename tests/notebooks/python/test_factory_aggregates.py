"""Windows against plain loops, with events on, just before and just after each boundary."""

from __future__ import annotations

import math
import random

import pytest
from pyspark.sql import SparkSession

from batch_layer.factory_aggregates_v1 import VALUES, factory_aggregates

_minute = 60_000
_start = 1_767_600_000_000
_schema = (
    "event_ms long, device_id string, factory_id string, line_id string, temperature double, vibration double,"
    " pressure double, power_kw double, units long, defects long"
)


def _events(seed: int) -> list[tuple]:
    generator = random.Random(seed)
    edges = [_start + minute * _minute + offset for minute in range(-3, 9) for offset in (-1, 0, 1)]
    times = [*edges, *(_start + generator.randrange(8 * _minute) for _ in range(150)), -1, 0, 1]
    return [
        (
            at,
            f"d{generator.randrange(3)}",
            f"f{generator.randrange(2)}",
            f"l{generator.randrange(2)}",
            generator.uniform(-60, 400),
            generator.uniform(0, 200),
            generator.uniform(0, 5000),
            generator.uniform(0, 10000),
            generator.randrange(10),
            generator.randrange(3),
        )
        for at in times
    ]


def _values(events: list[tuple]) -> dict[str, float]:
    temperature, vibration, pressure, power, units, defects = zip(*(event[4:] for event in events))
    found = [len(events), sum(temperature), min(temperature), max(temperature), sum(vibration), max(vibration)]
    return dict(zip(VALUES, [*found, sum(pressure), sum(power), sum(units), sum(defects)]))


def _oracle(events: list[tuple]) -> dict[tuple, dict[str, float]]:
    """For each window end of each key, picks the events with start < time <= end by comparing every one."""
    ends = {math.ceil(event[0] / _minute) * _minute + hop * _minute for event in events for hop in range(5)}
    expected = {}
    for grain, key_of in [
        ("device", lambda e: e[1]),
        ("line", lambda e: f"{e[2]}~{e[3]}"),
        ("factory", lambda e: e[2]),
    ]:
        for key in {key_of(event) for event in events}:
            mine = [event for event in events if key_of(event) == key]
            for window, minutes in (("1m", 1), ("5m", 5)):
                for end in ends:
                    inside = [event for event in mine if end - minutes * _minute < event[0] <= end]
                    if inside:
                        expected[(grain, key, window, end - minutes * _minute, end)] = _values(inside)
    return expected


@pytest.mark.parametrize("seed", [1, 20_260_105])
def test_gives_the_windows_of_the_slow_reference(spark: SparkSession, seed: int) -> None:
    events = _events(seed)
    expected = _oracle(events)
    rows = factory_aggregates(spark.createDataFrame(events, _schema)).collect()
    found = {(row.grain, row.key, row.window, row.start_ms, row.end_ms): row for row in rows}
    assert len(rows) == len(found)
    assert found.keys() == expected.keys(), f"seed {seed}"
    for identity, values in expected.items():
        for name, value in values.items():
            assert abs(found[identity][name] - value) <= 1e-9 * max(1, abs(value)), (seed, identity, name)


def test_puts_an_event_on_a_boundary_into_the_window_that_ends_there(spark: SparkSession) -> None:
    event = (_start, "d", "f", "l", 1.0, 1.0, 1.0, 1.0, 1, 0)
    rows = factory_aggregates(spark.createDataFrame([event], _schema)).where("grain = 'device'").collect()
    assert [row.end_ms for row in rows if row.window == "1m"] == [_start]
    assert sorted(row.end_ms for row in rows if row.window == "5m") == [_start + hop * _minute for hop in range(5)]
