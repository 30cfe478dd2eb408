"""A feed: one kind of file that one partner sends, and how to read it.

``Keys`` is what the TOML may say, key by key (contracts/feed_example.toml); ``Feed`` is that, checked against its
document, together with what the partner says of all its feeds. It answers the questions that several steps ask of a
partner's way of writing: which header is which of our names, and what a value is once trimmed, mapped and padded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from crossdock.documents import Document
from crossdock.documents.document import Kind
from crossdock.documents.fields import PURPOSES
from crossdock.documents.names import fold
from crossdock.failures import Refused


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Percent = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d+)? ?%$")]
Texts = dict[str, str]
SERIAL = "serial"
"""Among date formats: a spreadsheet's number of days."""


class Options(BaseModel):
    """What a format needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delimiter: Annotated[str, StringConstraints(pattern=r"^[ !#-~\t]$")] | None = None
    encoding: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    path: str | None = None
    sheet: str | None = None
    merged: Literal["fail", "fill"] = "fail"


class Keys(BaseModel):
    """The keys of one ``[[feed]]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str
    files: Strings
    format: Literal["delimited", "workbook", "json"] | None = None
    options: Options = Options()
    dates: Strings = ()
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", " ", "'", ""] = ""
    hold: Literal["document", "line", "file"] = "document"
    refuse_above: Percent | None = None
    sends: Literal["whole", "changes"] = "whole"
    blanks: Literal["clear", "keep"] | None = None
    version: Strings = ()
    blank_key: Literal["fail", "above", "end"] = "fail"
    agree: dict[str, Literal["first", "earliest", "latest"]] = {}
    optional: Strings = ()
    references: dict[str, Literal["off", "warn", "fail"]] = {}
    severity: dict[str, Literal["warning", "error"]] = {}
    pad: dict[str, Annotated[int, Field(ge=1, le=255)]] = {}
    constants: Texts = {}
    defaults: Texts = {}
    answer: Strings = ("file",)
    reopen: bool = False
    negative_amounts: bool = False
    columns: Texts = {}
    values: dict[str, Texts] = {}


@dataclass(frozen=True)
class Feed:
    """One feed of one partner, ready to read with. ``keys`` uses our qualified names throughout."""

    partner: str
    zone: ZoneInfo
    business_units: tuple[str, ...]
    shared: bool
    document: Document
    keys: Keys

    @property
    def name(self) -> str:
        """``partner/document``, as the command line names it."""
        return f"{self.partner}/{self.document.name}"

    @cached_property
    def text(self) -> str:
        """Everything that decides what a file of this feed means, as JSON: it is stored with the job."""
        said = {
            "partner": self.partner,
            "zone": self.zone.key,
            "business_units": self.business_units,
            "shared": self.shared,
            "version": self.document.version,
            "feed": self.keys.model_dump(),
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True)

    @cached_property
    def digest(self) -> str:
        """Changes when anything does that decides what a file means."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def claims(self, name: str) -> bool:
        """Whether a file of that name is of this feed."""
        return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in self.keys.files)

    @property
    def clears(self) -> bool:
        """Whether a blank cell clears what is stored."""
        if self.keys.blanks is None:
            return self.keys.sends == "whole"
        return self.keys.blanks == "clear"

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return self.document.spellings | {fold(theirs): ours for theirs, ours in self.keys.columns.items()}

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every folded header this feed knows, which tells a header row and a delimiter; and what its cells hold."""
        fields = self.document.fields
        return {
            header: fields[ours][1].kind if ours in fields else Kind.ENUM for header, ours in self._spellings.items()
        }

    @cached_property
    def arrays(self) -> frozenset[str]:
        """The folded names of the arrays in which JSON nests lines."""
        own = self.document.arrays
        theirs = {fold(name) for name, ours in self.keys.columns.items() if fold(ours) in own}
        return own | theirs

    def columns(self, headers: Sequence[str]) -> dict[str, str]:
        """Our qualified name → the header as sent, for every column that is known.

        Raises ``Refused`` where two columns are the same field, or the document's number has no column.
        """
        found: dict[str, str] = {}
        for header in headers:
            ours = self._spellings.get(fold(header))
            if ours is None or fold(ours) in self.document.arrays:
                continue
            if ours in found:
                raise Refused("header_twice", first=found[ours], second=header, column=ours)
            found[ours] = header
        number = self.document.number
        if not found:
            raise Refused("no_header", header=", ".join(headers)[:200])
        if number not in found and number not in self.keys.constants:
            raise Refused("no_key_column", column=number)
        return found

    def canonical(self, name: str, values: pa.Array) -> pa.Array:
        """A column of text as this partner means it: trimmed, NFC, blanks null, values mapped, ids padded."""
        clean = trimmed(values)
        mapping = self.keys.values.get(name)
        if mapping:
            clean = _mapped(clean, mapping)
        if name.endswith("action"):
            clean = _mapped(pc.utf8_lower(clean), PURPOSES)
        width = self.keys.pad.get(name)
        if width:
            digits = pc.match_substring_regex(clean, r"^[0-9]+$")
            clean = pc.if_else(digits, pc.utf8_lpad(clean, width, "0"), clean)
        return clean

    def key(self, table: pa.Table, columns: Mapping[str, str]) -> list[pa.Array]:
        """The parts of the document's key of each record, canonical, null where blank."""
        parts = []
        for name in self.document.key:
            header = columns.get(name)
            values = table.column(header).combine_chunks() if header in table.column_names else None
            if values is None and header is not None:
                values = pa.nulls(table.num_rows, pa.string())
            constant = self.keys.constants.get(name)
            if values is None:
                parts.append(pa.repeat(pa.scalar(constant, pa.string()), table.num_rows))
            else:
                parts.append(self.canonical(name, values))
        return parts

    def show(self) -> dict[str, Any]:
        """What ``crossdock feeds`` tells of it."""
        return {
            "feed": self.name,
            "files": list(self.keys.files),
            "format": self.keys.format or "by content",
            "zone": self.zone.key,
            "businessUnits": list(self.business_units),
        }


def _mapped(values: pa.Array, mapping: Mapping[str, str]) -> pa.Array:
    place = pc.index_in(values, value_set=pa.array(list(mapping), pa.string()))
    return pc.coalesce(pc.take(pa.array(list(mapping.values()), pa.string()), place), values)


def trimmed(values: pa.Array) -> pa.Array:
    """Text without blanks around it, in NFC, null where nothing is left."""
    clean = pc.utf8_trim_whitespace(values)
    if not pc.all(pc.string_is_ascii(clean)).as_py():
        clean = pc.utf8_normalize(clean, form="NFC")
    return pc.if_else(pc.equal(clean, ""), pa.scalar(None, pa.string()), clean)
