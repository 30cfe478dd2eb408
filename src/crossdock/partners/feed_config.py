"""The keys of a feed: the keys of the TOML (contracts/feed_example.toml), and those that a job stores."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SerializeAsAny,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticKnownError

from crossdock import formats
from crossdock.documents import Document
from crossdock.failures.catalogue import CODES, Scope
from crossdock.formats.format import Strings
from crossdock.partners.derived import Split

Sources = Annotated[tuple[str, ...], Field(min_length=1)]
Percent = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d+)? ?%$")]
Texts = dict[str, str]
Companion = Annotated[str, StringConstraints(pattern=r"^[^/]*\{(name|stem)\}[^/]*$", min_length=7)]
PICK_UP = {"folder", "settle", "done_file", "manifest", "api"}
"""Keys that say where a file is and when it is complete, and nothing about what it means."""
DROP = "drop"
"""A column of ``version`` that is not in the file: the drop's sequence."""


def _of_a_format(name: object) -> object:
    if name is not None and name not in formats.FORMATS:
        *others, last = map(repr, formats.FORMATS)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})
    return name


def _options(value: object) -> BaseModel:
    """The options of all formats; a mistake in one of them keeps its place in the TOML."""
    return formats.options().model_validate(value)


class Keys(BaseModel):
    """The keys of one ``[[feed]]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str = Field(description="the document type")
    files: Strings = Field(description="glob on the file's name, or several; case doesn't matter")
    format: Annotated[str | None, BeforeValidator(_of_a_format)] = Field(
        None,
        description=f"{', '.join(f'`{name}`' for name in formats.FORMATS)}: the only format taken; else the content "
        "tells",
    )
    options: Annotated[SerializeAsAny[BaseModel], PlainValidator(_options)] = Field(
        {}, validate_default=True, description="what the format needs to know, see below"
    )
    sets: Strings = Field(
        (),
        description="of interchanges: the sets that are this document, such as `850` or `ORDERS`; else those that "
        "can only be it",
    )
    receiver: str = Field(
        "",
        description="of interchanges: the receiver (`qualifier:id`, or that of a group) by which this feed is told "
        "from another one that takes the same sets",
    )
    dates: Strings = Field(
        (),
        description='Python date formats; `"serial"`: a spreadsheet\'s number of days; `"epoch"`, `"epoch_ms"`: '
        "seconds or milliseconds since 1970; ISO and `/Date(…)/` are always taken",
    )
    decimal: Literal[".", ","] = Field(".", description="the decimal mark")
    thousands: Literal[".", ",", " ", "'", ""] = Field(
        "", description="what groups thousands; a blank of every kind, an apostrophe of both kinds"
    )
    grouping: Literal["thousands", "indian"] = Field("thousands", description="`1,234,567`, or `12,34,567`")
    parentheses: bool = Field(False, description="`(5)` is -5, else a failure")
    percent: Literal["fail", "hundredths", "number"] = Field("fail", description="`12 %` is a failure, 0.12, or 12")
    implied_decimals: dict[str, Annotated[int, Field(ge=1, le=6)]] = Field(
        {}, description="by field: how many of the digits of a number are decimals, where it has no decimal mark"
    )
    overpunch: Strings = Field(
        (), description="fields whose last digit may have the sign, as mainframes write it: `12C` is 123, `12L` is -123"
    )
    hold: Literal["document", "line", "file"] = Field(
        "document", description="one failing line holds its document; good lines go in; all or nothing"
    )
    refuse_above: Percent | None = Field(
        None, description='`"20 %"` of documents failing, or of stored lines that would be cancelled, refuse the drop'
    )
    sends: Literal["whole", "changes"] | None = Field(
        None,
        description="`whole`: the whole truth, lines not mentioned are cancelled; `changes`: only what is sent "
        "changes; else what a set of an interchange says, `whole` for documents with lines, `changes` for lists",
    )
    blanks: Literal["clear", "keep"] | None = Field(
        None, description="what a blank cell does to what is stored; else `clear` for whole, `keep` for changes"
    )
    version: Strings = Field(
        (),
        description="columns that tell which of two is newer; `drop`: the numbers in the file's name; where they come "
        "first, a file without any is refused",
    )
    blank_key: Literal["fail", "above", "end"] = Field(
        "fail", description="a blank number fails; means the row above's; ends the file"
    )
    agree: dict[str, Literal["first", "earliest", "latest"]] = Field(
        {}, description="by field, where repeated header values may differ: which counts"
    )
    optional: Strings = Field((), description="fields required by us, not by this feed")
    references: dict[str, Literal["off", "warn", "fail"]] = Field(
        {}, description="by list (`sku`, `building`, `customer` …); else `warn`; `off` doesn't look"
    )
    severity: dict[str, Literal["warning", "error"]] = Field(
        {}, description="by code; codes that guard what is stored can't be lowered; else the catalogue's"
    )
    pad: dict[str, Annotated[int, Field(ge=1, le=255)]] = Field(
        {}, description="by field: ids of digits are filled with zeros to this width"
    )
    constants: Texts = Field({}, description="by field, where the file has no such column (JSON: the object no member)")
    defaults: Texts = Field({}, description="by field, where the cell is blank")
    answer: Strings = Field(
        ("file",),
        description="`file`: into the outbox; `post`: to the partner's `[post]`; `envelope`: in the shape of the ERP, "
        "for its orders; beside these, of interchanges, `824`, `855`, `865`, `APERAK`, `ORDRSP` (docs/edi_answers.md)",
    )
    api: bool = Field(False, description="it reads the bodies of requests for its document (docs/api.md)")
    reopen: bool = Field(False, description="a cancelled document may come back")
    negative_amounts: bool = Field(False, description="a line's amounts may be negative")
    tolerance: Percent = Field("0 %", description="how much more than ordered may be shipped, announced or received")
    over: Literal["warn", "fail"] = Field("warn", description="more than that is a warning, or a failure")
    sscc: Literal["fail", "warn", "off"] = Field("fail", description="a wrong check digit of an SSCC")
    folder: str | None = Field(
        None, description="a folder in which its files lie, from the home folder or whole; else `inbox/<partner>`"
    )
    settle: Annotated[float, Field(ge=0)] | None = Field(
        None, description="seconds that a file must not change before it counts as complete; else the settings'"
    )
    done_file: Companion | None = Field(
        None, description='a file is complete when this is beside it, such as `"{name}.done"` or `"{stem}.ok"`'
    )
    manifest: Companion | None = Field(
        None,
        description="a file is complete when it is as this says: JSON, or CSV under headings, with `name`, `size`, "
        '`sha256`, `count` (of records), such as `"{name}.manifest"`',
    )
    order: str | None = Field(
        None,
        description='the order of its files: a format of the date in their names, such as `"%d%m%Y_%H%M"`; `"name"`: '
        'the numbers in their names; `"arrival"`; else the date that a name shows, or its numbers',
    )
    skip: dict[str, Strings] = Field(
        {},
        description='by column: rows that are not meant, by globs, `""` for a blank, or a comparison with a number; '
        "see below",
    )
    only: dict[str, Strings] = Field({}, description="by column: the rows that are meant; see below")
    cancel: dict[str, Strings] = Field(
        {}, description="by column: rows that cancel their line, or their document if each of its lines is; see below"
    )
    add_up: Strings = Field(
        (),
        description="fields that are added up over the rows of one key, such as the stock of an item in several bins",
    )
    prefix: Texts = Field(
        {}, description="by field: what is put before its values, and left out in answers: two shops may number alike"
    )
    split_by: Strings = Field(
        (), description="fields of the header: the rows of a number become a document for each of their values"
    )
    zero: Literal["fail", "cancel"] = Field("fail", description="a line's quantity of 0 fails, or cancels the line")
    join: dict[str, Sources] = Field({}, description="by field: the columns whose texts it has, a blank between them")
    split: dict[str, Split] = Field({}, description="by column of theirs: the fields that its parts are")
    multiply: dict[str, Sources] = Field({}, description="by field: the columns of which it is the product")
    factors: dict[str, Texts] = Field(
        {}, description='by column of `multiply`: the numbers that its texts mean, such as signs, `""` for a blank'
    )
    from_name: Texts = Field(
        {}, description="by field: a regular expression; its first group in the file's name is the value"
    )
    columns: Texts = Field({}, description="theirs = ours; our own names are always known")
    values: dict[str, Texts] = Field(
        {},
        description='by field: theirs = ours, `""` for a blank; the exact text comes first, else case and blanks '
        "don't matter",
    )

    code_lists: Texts = Field(
        {}, description="by field: a CSV beside the TOML with `theirs`, `ours` and `valid_from`; `values` come first"
    )

    @model_validator(mode="before")
    @classmethod
    def _format_of_sets(cls, fields: object) -> object:
        """A feed that names sets reads the format whose sets they are."""
        if not isinstance(fields, dict) or not fields.get("sets") or fields.get("format"):
            return fields
        named = formats.of_sets(fields["sets"])
        return fields | {"format": named} if named else fields


class KeptKeys(BaseModel):
    """The keys of a feed as a job stores them: those that are read later; the others as they were."""

    model_config = ConfigDict(extra="allow", frozen=True)

    answer: Strings = ("file",)
    hold: str = "document"
    columns: Texts = {}
    constants: Texts = {}
    dates: tuple[str, ...] = ()
    decimal: str = "."
    percent: str = "fail"
    implied_decimals: dict[str, int] = {}
    overpunch: Strings = ()
    prefix: Texts = {}
    split_by: Strings = ()


class FeedSnapshot(BaseModel):
    """Everything that decided what a file meant when it was read: a job stores it, as JSON.

    Another version may have written it: an unknown key is ignored, a missing key has its default. ``lists``: a digest
    of its code lists.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    partner: str = ""
    zone: str = ""
    business_units: tuple[str, ...] = ()
    shared: bool = False
    version: int = 1
    lists: str = ""
    feed: KeptKeys = KeptKeys()

    @property
    def text(self) -> str:
        """The feed as the column stores it: equal feeds are equal texts."""
        without = set() if self.lists else {"lists"}  # the last version did not write it
        return json.dumps(self.model_dump(exclude=without), ensure_ascii=False, sort_keys=True)

    @property
    def answer(self) -> tuple[str, ...]:
        """How its jobs are answered: ``file``, ``post``, ``envelope``."""
        return self.feed.answer

    @property
    def hold(self) -> str:
        """What a failing line holds: ``document``, ``line`` or ``file``."""
        return self.feed.hold

    @property
    def columns(self) -> Texts:
        """Its headings: theirs → ours."""
        return self.feed.columns

    @property
    def constants(self) -> Texts:
        """By field, the value if the file has no such column."""
        return self.feed.constants


def scope_in(document: Document, code: str, field: str) -> Scope:
    """What a failure is about: the scope of the catalogue; the document if the field is of the header, or ''."""
    declared = CODES[code].scope
    if declared in ("cell", "line") and not document.of_line(field):
        return "document"
    return declared
