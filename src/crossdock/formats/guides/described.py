"""A guide in words: which field of a document comes from where; for the page and ``crossdock describe``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crossdock.formats.guides.guide import PIECE, Guide, SetMapping, Source
from crossdock.formats.guides.readings import CARTONS_AT, IGNORE
from crossdock.schema.fields import CHECK, KEEP

WAYS = {
    "purpose": "an action, by the code of the set's purpose",
    "all": "each of them, one behind the other",
    "compose": "joined; zeros are left out",
    "unit": "our code of the unit",
    "price": "for one piece",
    "hash": "a hash of quantities",
    "say": "in a sentence",
    "else": "the loop's own number where each holds one line",
    "packed": "of an item in a package",
    "loose": "of an item in no package",
    "cartons": "where it counts cartons",
    "loops": "compared: it may count lines or loops",
    "one": "a single one: no range, not several",
    "alike": "where all of them are alike; else none, and a warning names them",
    "anywhere": "those last named in any loop of the set",
    "alone": "those last named of a package around that holds no other item",
    "same": "a warning names them where they differ",
    "day": "the day only",
    "time": "the day, with the time of day behind it",
    "sum": "the sum of all of the first that is there",
    "added": "the sum of all of them",
    "lines": "or of all lines alike",
    "agree": "where all lines say the same",
    "nth": "with the record's number behind it",
    "signed": "less than zero where a code says that it goes out",
    "filled": "SHIPPED, SHORT or CANCELLED, by what is shipped and ordered",
    "first": "its first letters",
    "behind": "what is left behind them",
    "with": "where the line has a lot or a serial number",
    "without": "where the line has no lot and no serial number",
    "unsigned": "without its minus",
    "beyond": "of the line, else of the header",
}
"""What is done with what a path finds, in words."""


SAID = {"": "upsert", KEEP: "stays as it is", IGNORE: "left out", CHECK: "only checked"}
"""What becomes of a set or line, in words; an action of ours is its own word."""


MEASURE = "quantityMeasure"
"""The unit that has a default."""


class Mapped(NamedTuple):
    """A field and where it comes from: ``where``: its paths, the first that isn't blank counts; ``how``: in words."""

    field: str
    where: str
    how: str = ""


def described(guide: Guide, document: str) -> list[Mapped]:
    """Each field of a document that a guide fills, the header's first. Raises ``KeyError`` if it fills none of it."""
    mapping = guide.mappings[document]
    fields = (_mapped(each, guide, document) for each in mapping.sources())
    return [*fields, *_numbered(mapping), *_items(mapping, guide)]


def _mapped(source: Source, guide: Guide, document: str) -> Mapped:
    if "party" in source.how:
        segment = "N1" if guide.standard == "x12" else "NAD"
        roles = ", ".join(f"`{segment}*{each}`" for each in source.how["party"])
        return Mapped(f"{source.column}.*", roles, "the first party that is there")
    if "equipment" in source.how:
        which = "of a container" if source.how["container"] else "of another vehicle"
        return Mapped(source.column, f"`{source.how['equipment']}02`, `{source.how['equipment']}03`", which)
    if "cartons" in source.how:
        _, count = CARTONS_AT[source.how["cartons"]]
        return Mapped(source.column, f"`{source.how['cartons']}{count.element:02}`", WAYS["cartons"])
    where = ", ".join(f"`{each}`" for each in source.texts)
    if "which" in source.how:
        words = zip(source.texts, source.how["as"], strict=True)
        return Mapped(source.column, where, ", ".join(f"{word} for {path}" for path, word in words))
    if "values" in source.how:
        values = ", ".join(f"{theirs} {_in_words(theirs, ours)}" for theirs, ours in source.how["values"].items())
        return Mapped(source.column, where, ", else ".join(filter(None, (values, source.how.get("rest")))))
    if "where" in source.how:
        others = "".join(f", `{each}`" for each in source.how.get("then", ()))
        conditions = (f"`{path}` is {' or '.join(each or 'blank' for each in allowed)}"
                      for path, allowed in source.how["where"].items())  # fmt: skip
        signs = (f"less than zero where `{path}` is {' or '.join(codes)}"
                 for path, codes in source.how.get("minus", {}).items())  # fmt: skip
        return Mapped(
            source.column, where + others, "; ".join((f"the first, where {' and '.join(conditions)}", *signs))
        )
    how = [WAYS[name] for name in source.how if name in WAYS]
    if source.column == guide.mappings[document].options.get("pieces"):
        what = "line of its own" if PIECE in guide.mappings[document].options else "package"
        how = [f"each is a {what}; no range"]
    how += [f"missing where `{path}` is {' or '.join(codes)}" for path, codes in source.how.get("demanded", {}).items()]
    return Mapped(source.column, where, "; ".join(how + ["EA if blank"] * (source.column == MEASURE)))


def _in_words(theirs: str, ours: str) -> str:
    """What becomes of a set or line by its code; one that stays as it is is none that we know."""
    return SAID.get(ours, "fails" if theirs == ours else ours)


def _numbered(mapping: SetMapping) -> Iterator[Mapped]:
    if "counted" in mapping.options:
        yield Mapped(str(mapping.options["counted"]), "", "the number of the line in the set")
    if "numbered" in mapping.options:
        yield Mapped(str(mapping.options["numbered"]), "", "by position, where no line of the set has one")
    if "running" in mapping.options:
        about = ", ".join(mapping.options["distinct"])
        yield Mapped(
            str(mapping.options["running"]), "", f"a running number by {about}, where items have none of their own"
        )


def _items(mapping: SetMapping, guide: Guide) -> Iterator[Mapped]:
    names = {"gtin": "the GTIN", "any": "any other id"}
    for field, wanted in mapping.items.items():
        yield Mapped(field, ", ".join(names.get(each, f"`{each}`") for each in wanted), "the id behind that qualifier")
    if "others" in mapping.options:
        yield Mapped(str(mapping.options["others"]), "", "every other id of the item")
