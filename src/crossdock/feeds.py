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

    delimiter: Annotated[str, StringConstraints(pattern=r"^[ !#-~\t]$")] | None = Field(
        None, description="delimited: what stands between cells; else found among `,` `;` tab `|`"
    )
    encoding: str | None = Field(
        None, description="delimited, json: such as `cp1252`; else a BOM, the NULs of UTF-16, UTF-8, cp1252"
    )
    header_row: Annotated[int, Field(ge=1)] | None = Field(
        None, description="delimited, workbook: the row with the headings; else the one of the first 20 that fits best"
    )
    path: str | None = Field(None, description="json: the member with the documents; else `data`, or the file itself")
    sheet: str | None = Field(
        None,
        description="workbook: the sheet's name, as a glob; else the one whose headings fit; two that fit are refused",
    )
    merged: Literal["fail", "fill"] = Field(
        "fail", description="workbook: rows in merged cells fail, or each gets the value that they show"
    )


class Keys(BaseModel):
    """The keys of one ``[[feed]]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str = Field(description="the document type")
    files: Strings = Field(description="glob on the file's name, or several; case doesn't matter")
    format: Literal["delimited", "workbook", "json"] | None = Field(
        None, description="the only format taken; else the content tells"
    )
    options: Options = Field(Options(), description="what the format needs to know, see below")
    dates: Strings = Field(
        (), description='Python date formats; `"serial"`: a spreadsheet\'s number of days; ISO is always taken'
    )
    decimal: Literal[".", ","] = Field(".", description="the decimal mark")
    thousands: Literal[".", ",", " ", "'", ""] = Field("", description="what groups thousands")
    hold: Literal["document", "line", "file"] = Field(
        "document", description="one failing line holds its document; good lines go in; all or nothing"
    )
    refuse_above: Percent | None = Field(
        None, description='`"20 %"` of documents failing, or of stored lines that would be cancelled, refuse the drop'
    )
    sends: Literal["whole", "changes"] = Field(
        "whole", description="the whole truth, lines not mentioned are cancelled; or only what is sent changes"
    )
    blanks: Literal["clear", "keep"] | None = Field(
        None, description="what a blank cell does to what is stored; else `clear` for whole, `keep` for changes"
    )
    version: Strings = Field((), description="not possible yet")
    blank_key: Literal["fail", "above", "end"] = Field(
        "fail", description="a blank number fails; means the row above's; ends the file"
    )
    agree: dict[str, Literal["first", "earliest", "latest"]] = Field(
        {}, description="by field, where repeated header values may differ: which counts"
    )
    optional: Strings = Field((), description="fields required by us, not by this feed")
    references: dict[str, Literal["off", "warn", "fail"]] = Field(
        {}, description="by list (`sku`, `building`, `customer`, `business_unit`); else `warn`"
    )
    severity: dict[str, Literal["warning", "error"]] = Field(
        {}, description="by code; codes that guard what is stored can't be lowered; else the catalogue's"
    )
    pad: dict[str, Annotated[int, Field(ge=1, le=255)]] = Field(
        {}, description="by field: ids of digits are filled with zeros to this width"
    )
    constants: Texts = Field({}, description="by field, where the file has no such column (JSON: the object no member)")
    defaults: Texts = Field({}, description="by field, where the cell is blank")
    answer: Strings = Field(("file",), description='only `["file"]` yet')
    reopen: bool = Field(False, description="a cancelled document may come back")
    negative_amounts: bool = Field(False, description="a line's amounts may be negative")
    columns: Texts = Field({}, description="theirs = ours; our own names are always known")
    values: dict[str, Texts] = Field({}, description="by field: theirs = ours, for codes and flags")


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
