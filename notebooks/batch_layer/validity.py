"""Decides whether a message body counts as factory telemetry v1, from the body alone.

The rules are read from the event's JSON Schema and run in the order of contracts/validity.ts, so that function, query and
notebook name the same reason. Numbers are doubles however they are written, as in JSON.parse; of duplicate keys the last
one counts.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, NamedTuple

from batch_layer.contracts import read_contract
from batch_layer.deep_json import parse_deep_object

_epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Checked(NamedTuple):
    """A valid event's fields, or the first broken rule. `event_ms` counts milliseconds since 1970 UTC."""

    reason: str | None
    detail: str | None
    event_id: str | None = None
    event_ms: int | None = None
    device_id: str | None = None
    factory_id: str | None = None
    line_id: str | None = None
    temperature: float | None = None
    vibration: float | None = None
    pressure: float | None = None
    power_kw: float | None = None
    units: int | None = None
    defects: int | None = None


class _Rule(NamedTuple):
    name: str
    type: str
    pattern: re.Pattern[str] | None
    is_time: bool
    minimum: float
    maximum: float
    allowed: tuple[Any, ...] | None


def _rules() -> list[_Rule]:
    schema = read_contract("events/factory-telemetry/v1.schema.json")
    return [
        _Rule(
            name=name,
            type=rule["type"],
            pattern=re.compile(rule["pattern"]) if "pattern" in rule else None,
            is_time=rule.get("format") == "utc-time",
            minimum=rule.get("minimum", -math.inf),
            maximum=rule.get("maximum", math.inf),
            allowed=tuple(rule["enum"]) if "enum" in rule else None,
        )
        for name, rule in schema["properties"].items()
    ]


_fields = _rules()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_int=float, parse_constant=_refuse_constant)


def _parse(text: str) -> Any:
    try:
        return _decoder.decode(text)
    except RecursionError:
        return parse_deep_object(text)


def _check_type(rule: _Rule, value: Any) -> str | None:
    if rule.type == "string":
        matches = isinstance(value, str)
    else:
        matches = isinstance(value, float) and (
            rule.type == "number" or not math.isfinite(value) or value.is_integer()
        )
    return None if matches else f"is not of type {rule.type}"


def _check_version(rule: _Rule, value: Any) -> str | None:
    if rule.allowed is None or value in rule.allowed:
        return None
    return f"is not one of {', '.join(map(str, rule.allowed))}"


def _check_range(rule: _Rule, value: Any) -> str | None:
    if not isinstance(value, float) or rule.minimum <= value <= rule.maximum:
        return None
    return f"is outside {rule.minimum} to {rule.maximum}"


def _check_pattern(rule: _Rule, value: Any) -> str | None:
    # fullmatch, because a Python "$" also matches before a line feed at the end.
    if rule.pattern is None or rule.pattern.fullmatch(value):
        return None
    return f"does not match {rule.pattern.pattern}"


def _check_time(rule: _Rule, value: Any) -> str | None:
    return "does not name a real moment" if rule.is_time and _event_ms(value) is None else None


_checks: list[tuple[str, Callable[[_Rule, Any], str | None]]] = [
    ("TYPE", _check_type),
    ("VERSION", _check_version),
    ("RANGE", _check_range),
    ("PATTERN", _check_pattern),
    ("TIME", _check_time),
]


def _event_ms(text: str) -> int | None:
    millis = int(text[20:23]) if len(text) == 24 else 0
    try:
        moment = datetime(
            int(text[0:4]),
            int(text[5:7]),
            int(text[8:10]),
            int(text[11:13]),
            int(text[14:16]),
            int(text[17:19]),
            tzinfo=timezone.utc,
        )
    except ValueError:
        return None
    return (moment - _epoch) // timedelta(milliseconds=1) + millis


def check_factory_telemetry(body: str) -> Checked:
    """Returns the event's fields when the body is valid, else the reason code and a sentence about the field."""
    try:
        parsed = _parse(body)
    except ValueError as error:
        return Checked("MALFORMED", str(error)[:200])
    if not isinstance(parsed, dict):
        return Checked("MALFORMED", "the message is not a JSON object")
    for rule in _fields:
        if rule.name not in parsed:
            return Checked("MISSING", f"{rule.name} is missing")
    for reason, check in _checks:
        for rule in _fields:
            broken = check(rule, parsed[rule.name])
            if broken is not None:
                return Checked(reason, f"{rule.name} {broken}")
    return Checked(
        None,
        None,
        parsed["eventId"],
        _event_ms(parsed["eventTime"]),
        parsed["deviceId"],
        parsed["factoryId"],
        parsed["lineId"],
        parsed["temperature"],
        parsed["vibration"],
        parsed["pressure"],
        parsed["powerKw"],
        int(parsed["units"]),
        int(parsed["defects"]),
    )


def check_body(body: bytes | bytearray | None) -> Checked:
    """Checks a captured body. Bytes that are no UTF-8 become U+FFFD, as in every other layer."""
    return check_factory_telemetry(bytes(body or b"").decode("utf-8", errors="replace"))
