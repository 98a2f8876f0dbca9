"""The JSON of nft much as nft itself would write it, so that people find a rule back."""

from __future__ import annotations

from typing import Any

Json = Any

_DEEPEST = 32
_MOST_SHOWN = 12


def _left_words(value: Json, depth: int) -> str:
    match value:
        case {"payload": {"protocol": str(protocol), "field": str(name)}}:
            return f"{protocol} {name}"
        case {"meta": {"key": str(key)}}:
            return key
        case {"ct": {"key": str(key)}}:
            return f"ct {key}"
    return words(value, depth)


def words(value: Json, depth: int = 0) -> str:
    """The JSON much as nft itself would write it, so that the rule is found back."""
    if depth > _DEEPEST:
        return "..."
    match value:
        case {"match": {"left": left, "right": right, **rest}}:
            operator = rest.get("op", "==")
            sign = "" if operator in ("==", "in") else f"{operator} "
            return f"{_left_words(left, depth + 1)} {sign}{words(right, depth + 1)}"
        case {"range": [low, high]}:
            return f"{low}-{high}"
        case {"prefix": {"addr": address, "len": length}}:
            return f"{address}/{length}"
        case {"set": list(items)}:
            shown = ", ".join(words(item, depth + 1) for item in items[:_MOST_SHOWN])
            return f"{{ {shown}{', ...' if len(items) > _MOST_SHOWN else ''} }}"
        case {"counter": _}:
            return "counter"
        case dict():
            return " ".join(f"{key} {words(v, depth + 1)}".strip() for key, v in value.items())
        case list():
            return " ".join(words(item, depth + 1) for item in value[: 2 * _MOST_SHOWN])
        case None:
            return ""
    return str(value)
