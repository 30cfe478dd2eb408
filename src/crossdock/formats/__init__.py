"""The formats: how bytes become records of text. One file per format, recognised by content, not by extension.

``FORMATS`` is the only list of them. Other code calls the functions here with what a job stores about how its file was
written (``Written``), and the format answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, create_model

from crossdock.failures.refusals import Refused
from crossdock.formats import sniff, text
from crossdock.formats.delimited.reader import Delimited
from crossdock.formats.edi.envelope import starts
from crossdock.formats.edifact import EdifactFormat
from crossdock.formats.format import Clues, Format, Options, Reader, Written
from crossdock.formats.guides.guide import guides
from crossdock.formats.lines.fixed import Fixed
from crossdock.formats.lines.record_types import RecordTypes
from crossdock.formats.objects.reader import Json
from crossdock.formats.workbook import Workbook, stamped
from crossdock.formats.x12 import X12Format

if TYPE_CHECKING:
    from crossdock.formats.edi.parts import Envelopes
    from crossdock.formats.guides.described import Mapped

FORMATS: dict[str, Format[Any]] = {
    each.name: each for each in (Delimited(), Workbook(), Json(), Fixed(), RecordTypes(), X12Format(), EdifactFormat())
}
"""Every format by its name."""
WORKBOOK = Workbook.template
"""The ending of a template where the feed names no format."""
UNMARKED = "delimited"
"""The format of a text that has the marks of no format."""
__all__ = [
    "FORMATS",
    "are_changes",
    "column",
    "envelopes",
    "guides_of",
    "has_lines",
    "is_enveloped",
    "names_members",
    "nested",
    "of_document",
    "of_sets",
    "options",
    "place",
    "reader",
    "sample_of",
    "sets_possible",
    "sets_taken",
    "span",
    "stamped",
    "template",
    "variant",
]


def reader(path: Path, name: str | None, options: BaseModel, clues: Clues) -> Reader:
    """The reader of a drop: of the format of its content, or of the format of the same medium that the feed names.

    ``name``: the format that the feed names. ``options``: those of the feed, of all formats. Raises ``Refused`` if the
    file is of no format, is of another medium than the feed's, or can't be read.
    """
    chosen = _by_content(path)
    if name is not None and clues.stamp is None:
        if FORMATS[name].medium != chosen.medium:
            if FORMATS[name].enveloped:
                raise Refused("not_an_interchange", what=sniff.coded(text.head(path)) or chosen.medium, format=name)
            raise Refused("wrong_format", what=chosen.medium, format=name)
        chosen = FORMATS[name]
    if name is None and chosen.enveloped:
        raise Refused("wrong_format", what=chosen.medium, format="files without an envelope")
    if clues.stamp is not None:
        clues = replace(clues, first=FORMATS.get(clues.stamp.format))
    return chosen.reader(path, chosen.options.model_validate(options, from_attributes=True), clues)


def _by_content(path: Path) -> Format[Any]:
    head = text.head(path)
    sniff.refuse_foreign(head)
    for each in FORMATS.values():
        if each.sniff(head, path):
            return each
    sniff.refuse_known(head, path)
    return FORMATS[UNMARKED]


def options() -> type[BaseModel]:
    """The keys that a feed may have under ``options``: those of all formats, as one model."""
    return _options(tuple(FORMATS.values()))


@cache
def _options(of: tuple[Format[Any], ...]) -> type[BaseModel]:
    models = sorted({each.options: None for each in of}, key=lambda model: -len(model.__mro__))  # subclasses come first
    return create_model("Options", __base__=tuple(models) or Options)


def of_sets(sets: str | Sequence[str]) -> str | None:
    """The format of which all those sets are, or whose sets have such names; None if there is no such format."""
    wanted = {sets} if isinstance(sets, str) else set(sets)
    known = {name: each.sets() for name, each in FORMATS.items() if each.sets()}
    alike = (
        name for name, own in known.items() if {each.isdigit() for each in own} == {each.isdigit() for each in wanted}
    )
    return next((name for name, own in known.items() if wanted <= set(own)), None) or next(alike, None)


def is_enveloped(name: str | None) -> bool:
    """Whether the files of a format say who sends them and what they hold."""
    return name is not None and FORMATS[name].enveloped


def sets_taken(name: str | None, document: str, sets: Sequence[str]) -> tuple[str, ...]:
    """The types of sets that a feed of a format and document takes; ``sets``: those that it names."""
    possible = FORMATS[name].possible(document) if name else {}
    return tuple(each for each, named in possible.items() if (each in sets if sets else not named))


def sets_possible(name: str | None, document: str) -> tuple[str, ...]:
    """The types of sets of a format that may become a document."""
    return tuple(FORMATS[name].possible(document)) if name else ()


def are_changes(sets: Sequence[str]) -> bool:
    """Whether all of these sets hold changes of documents, where they don't say otherwise; False for none."""
    if not sets:
        return False
    return {guide.type for guide in guides().values() if guide.changes}.issuperset(sets)


def guides_of(document: str) -> dict[str, list[Mapped]]:
    """The guides that make a document of a set, by name, and where each field comes from."""
    from crossdock.formats.guides.described import described  # for people, and not for files

    return {name: described(each, document) for name, each in guides().items() if document in each.mappings}


def sample_of(guide: str, document: str, example: Mapping[str, str]) -> str:
    """A sample interchange of the set of a guide, as text; ``example``: values by our qualified names."""
    from crossdock.formats.edi.sample import sample  # likewise

    return sample(guides()[guide], document, example)


def envelopes(path: Path) -> Envelopes | None:
    """The interchanges of a file; None if it has no envelope. Raises ``Refused`` if one can't be read."""
    with path.open("rb") as file:
        if not starts(file.read(text.HEAD)):
            return None
    from crossdock.formats.edi.parts import Envelopes  # most files have none

    return Envelopes(path)


def place(line: int, written: Written) -> str:
    """A record's line as words: ``line 12``, ``Orders!12``, ``/data/3/orderLines/0``."""
    return _of(written).place(line, written)


def span(first: int, last: int, written: Written, joined: str) -> str:
    """Two lines as words: ``lines 4–9``, ``Orders!4 and 9``."""
    return _of(written).span(first, last, written, joined)


def of_document(line: int, written: Written) -> int:
    """The line that stands for the whole document of a record; the record's own if the format has no such line."""
    return _of(written).of_document(line, written)


def variant(line: int, written: Written | None) -> str:
    """What the names of a record's columns depend on besides its feed, such as the type of its set; '' for most."""
    return _of(written).variant(line, written or {})


def column(heading: str, written: Written | None, variant: str = "") -> str:
    """A heading as the partner calls it in records of a ``variant``. ``written``: None if nothing is known."""
    return _of(written).column(heading, written or {}, variant)


def spot(line: int, column: str, detail: Mapping[str, Any], written: Written | None) -> dict[str, Any]:
    """Where a failure is, as members of a JSON object, in the terms of the standard of its file; none in most."""
    return _of(written).spot(line, column, detail, written or {})


def template(name: str | None) -> str:
    """The ending of a template for a feed of that format, of any if None; '' if people don't fill one in."""
    return WORKBOOK if name is None else FORMATS[name].template


def has_lines(written: Written | None) -> bool:
    """Whether a record's line is a number that people find in the file; True if nothing is known of the file."""
    return _of(written).has_lines


def typed(written: Written) -> bool:
    """Whether a date in a file may be a date cell, of which its reader has made a text."""
    return _of(written).typed


def density(written: Written) -> int:
    """How many bytes of CSV a byte of such a file is."""
    return FORMATS[written["format"]].density if written.get("format") in FORMATS else 1


def nested(written: Written) -> bool:
    """Whether records may be objects that nest lines, or, in a fix-workbook, were such objects in the first file."""
    names = (written["format"], written.get("first"))
    return any(FORMATS[name].nested for name in names if name in FORMATS)


def names_members(written: Written) -> bool:
    """Whether its records are objects that name their members themselves, so that one may have others than the next."""
    form = FORMATS.get(written["format"])
    return form is not None and form.nested and not form.enveloped and not form.needs


_ONCE_PLAIN = ("json",)
"""Formats that read all numbers in their own notation when plans did not say so yet."""


def plain_numbers(written: Written) -> bool:
    """Whether an old plan, which doesn't say so, is of numbers that are written as the format writes them."""
    return written["format"] in _ONCE_PLAIN


def _of(written: Written | None) -> Format[Any]:
    """The format of a file; one with lines where nothing is known of it: the record of its job is older than that."""
    return FORMATS[written["format"] if written else UNMARKED]
