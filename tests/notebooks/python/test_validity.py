"""The table of cases that every layer shares, and what JSON.parse and Python read differently."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batch_layer.contracts import read_contract
from batch_layer.deep_json import parse_deep_object
from batch_layer.validity import check_body, check_factory_telemetry

_table = read_contract("events/factory-telemetry/validity-cases.json")
_base = json.dumps(_table["base"])


def _body(case: dict[str, Any]) -> str:
    if "body" in case:
        return case["body"]
    fields = {**_table["base"], **case.get("set", {})}
    for name in case.get("remove", []):
        del fields[name]
    text = json.dumps(fields, separators=(",", ":"))
    if "replace" in case:
        assert case["replace"][0] in text
        text = text.replace(*case["replace"])
    return text


@pytest.mark.parametrize("case", _table["cases"], ids=lambda case: case["name"])
def test_gives_the_reason_of_the_table(case: dict[str, Any]) -> None:
    assert check_factory_telemetry(_body(case)).reason == case["reason"]


def test_reads_the_fields_of_a_valid_event() -> None:
    checked = check_body(_base.encode())
    assert (checked.event_id, checked.device_id, checked.units) == ("e-1", "press-0001", 3)
    assert checked.event_ms == 1_767_600_000_250


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "MALFORMED"),
        (None, "MALFORMED"),
        (b"\xef\xbb\xbf" + _base.encode(), "MALFORMED"),
        (_base.replace("61.5", "-Infinity").encode(), "MALFORMED"),
        (_base.replace("61.5", "9" * 5000).encode(), "RANGE"),
        (_base.replace("press-0001", "\\ud800").encode(), "PATTERN"),
        (_base.encode().replace(b"press-0001", b"press\xff"), "PATTERN"),
        (_base.encode().replace(b"}", b',"note":"\\ud800"}'), None),
        (_base.encode().replace(b"}", b',"note":"\xff"}'), None),
        (_base.encode().replace(b"}", b',"note":"a\tb"}'), "MALFORMED"),
        (_base[:-1].encode() + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
        (_base[:-1].encode() + b',"deep":' + b"[" * 100_000 + b"]" * 99_999 + b"}", "MALFORMED"),
    ],
)
def test_decides_bodies_at_the_edge_of_json(body: bytes | None, reason: str | None) -> None:
    assert check_body(body).reason == reason


_texts = ['{"a":1}', "{}", '{"a":[1,{"b":2}],"c":"x\\n"}', "[1]", "1", '{"a":1,}', "{,}", '{"a" 1}', "[1,]", "{]", "", '{"a":1}}']


@pytest.mark.parametrize("text", _texts)
def test_reads_deep_json_as_the_plain_decoder_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):
            parse_deep_object(text)
        return
    found = parse_deep_object(text)
    assert (found is None) == (not isinstance(expected, dict))
    if found is not None:
        assert list(found) == list(expected)
