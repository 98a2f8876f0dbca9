"""Expands the host ranges of Ansible inventories."""

from __future__ import annotations

from collections.abc import Iterator


def expand_range(pattern: str, limit: int) -> Iterator[str]:
    """The host names of ``web[01:10].example`` or ``db-[a:f]``, as Ansible counts them.

    Raises:
        ValueError: it is no range, or names more than ``limit`` hosts.
    """
    head, bracket, rest = pattern.partition("[")
    inner, closing, tail = rest.partition("]")
    if not bracket:
        yield pattern
        return
    if not closing:
        raise ValueError("the range has no closing bracket")
    count = 0
    for middle in _range(inner, limit):
        for end in expand_range(tail, limit):
            count += 1
            if count > limit:
                raise ValueError(f"the range names more than {limit} hosts")
            yield head + middle + end


def _range(inner: str, limit: int) -> list[str]:
    parts = inner.split(":")
    if len(parts) not in (2, 3):
        raise ValueError("a range is [start:end] or [start:end:step]")
    first, last = parts[0] or "0", parts[1]
    step = parts[2] if len(parts) == 3 else "1"
    if not (step.isascii() and step.isdigit() and int(step[:9]) > 0):
        raise ValueError("the step of a range is a whole number above 0")
    letters = first.isascii() and first.isalpha() and last.isascii() and last.isalpha()
    if letters and len(first) == len(last) == 1:
        numbers = range(ord(first), ord(last) + 1, int(step[:9]))
        if first > last or first.islower() != last.islower():
            raise ValueError("the range runs backwards")
        return [chr(number) for number in numbers]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (first, last)):
        raise ValueError("a range runs from number to number or from letter to letter")
    if first.startswith("0") and len(first) > 1 and len(first) != len(last):
        raise ValueError("both ends of a range with leading zeros must be equally long")
    if int(first) > int(last):
        raise ValueError("the range runs backwards")
    numbers = range(int(first), int(last) + 1, int(step[:9]))
    if len(numbers) > limit:
        raise ValueError(f"the range names more than {limit} hosts")
    width = len(first) if first.startswith("0") else 0
    return [str(number).zfill(width) for number in numbers]
