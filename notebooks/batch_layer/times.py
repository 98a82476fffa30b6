"""Moments as the views write them: ISO 8601 UTC with seven digits, from milliseconds since 1970."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
_minute_ms = 60_000


def iso_from_ms(ms: int) -> str:
    """Returns e.g. 2026-01-05T08:00:00.2500000Z."""
    moment = _epoch + timedelta(milliseconds=ms)
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}.{moment.microsecond:06d}0Z"


def ms_from_iso(text: str) -> int:
    """Reads a time that `iso_from_ms` wrote."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(seconds).replace(tzinfo=timezone.utc)
    return (moment - _epoch) // timedelta(milliseconds=1) + int(fraction.ljust(3, "0")[:3])


def ms_from_utc(moment: datetime) -> int:
    """Returns milliseconds since 1970, rounded down; a moment without a zone is UTC."""
    zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
    return (zoned - _epoch) // timedelta(milliseconds=1)


def floor_to_minute(ms: int) -> int:
    """Rounds down to the full minute."""
    return ms - ms % _minute_ms
