"""Reads JSON of any depth without recursion, for bodies nested deeper than Python's own decoder goes."""

from __future__ import annotations

import json
import re
from typing import Any

_token = re.compile(
    r"""[ \t\n\r]*(?:
        (?P<mark>[\[\]{}:,])
      | (?P<text>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
      | (?P<word>true|false|null)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)

_words = {"true": True, "false": False, "null": None}


def parse_deep_object(text: str) -> dict[str, Any] | None:
    """Returns the members of a JSON object, nested containers as empty ones; None for any other JSON value.

    Raises ValueError when the text is not JSON.
    """
    members: dict[str, Any] = {}
    stack: list[str] = []
    key = ""
    # What may follow: a value, a value or "]", a key or "}", a key, ":", or "," and the closing mark.
    expect = "value"
    is_object = False
    position = 0
    while True:
        match = _token.match(text, position)
        if match is None:
            raise ValueError(f"unexpected character at {position}")
        position = match.end()
        kind, token = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "end":
            if stack or expect != "done":
                raise ValueError("unexpected end")
            return members if is_object else None
        if expect == "done":
            raise ValueError(f"unexpected text at {position}")
        if expect in ("key", "key or }") and kind == "text":
            if len(stack) == 1:
                key = json.loads(token)
            expect = ":"
        elif expect == ":" and token == ":":
            expect = "value"
        elif expect == "," and token == ",":
            expect = "key" if stack[-1] == "{" else "value"
        elif _closes(expect, token, stack):
            stack.pop()
            expect = "," if stack else "done"
        elif expect in ("value", "value or ]") and token in ("{", "["):
            is_object = is_object or (not stack and token == "{")
            if stack == ["{"]:
                members[key] = {} if token == "{" else []
            stack.append(token)
            expect = "key or }" if token == "{" else "value or ]"
        elif expect in ("value", "value or ]") and kind in ("text", "number", "word"):
            if stack == ["{"]:
                members[key] = _scalar(kind, token)
            expect = "," if stack else "done"
        else:
            raise ValueError(f"unexpected {token} at {position}")


def _closes(expect: str, token: str, stack: list[str]) -> bool:
    if token == "}":
        return bool(stack) and stack[-1] == "{" and expect in (",", "key or }")
    if token == "]":
        return bool(stack) and stack[-1] == "[" and expect in (",", "value or ]")
    return False


def _scalar(kind: str | None, token: str) -> Any:
    if kind == "number":
        return float(token)
    return json.loads(token) if kind == "text" else _words[token]
