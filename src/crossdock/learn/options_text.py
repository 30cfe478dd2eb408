"""The options of a proposed feed: what its shape needs, and how its text is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.learn.sample import Sample
from crossdock.partners import as_toml


def is_deep(options: Mapping[str, Any]) -> bool:
    """Whether some options are tables, which need a table of their own in the TOML."""
    return any(isinstance(each, dict) for each in options.values())


def table_of(options: Mapping[str, Any]) -> Iterator[str]:
    """Options of which some are tables: one line per entry of these."""
    yield "[feed.options]"
    yield from (
        f"{as_toml.key(name)} = {as_toml.value(each)}" for name, each in options.items() if not isinstance(each, dict)
    )
    for name, each in options.items():
        if isinstance(each, dict):
            yield from (f"{as_toml.key(name)}.{as_toml.key(key)} = {_nested(one)}" for key, one in each.items())


def _nested(value: Any) -> str:
    return as_toml.table(value) if isinstance(value, dict) else as_toml.value(value)


def options_of(sample: Sample) -> dict[str, Any]:
    """The options with which a feed reads files like a sample."""
    options = dict(sample.shape.options)
    if "delimiter" in sample.written or sample.shape.format:
        options |= _text_options(sample.written)
    return options


def _text_options(written: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "delimiter" in written:
        options["delimiter"] = str(written["delimiter"])
    if str(written["encoding"]) not in ("utf-8", "utf-8-sig", "ascii"):
        options["encoding"] = str(written["encoding"])
    return options
