"""The field vocabulary: what a document module is written in (contract A2).

Each function makes one field; limits and defaults are the contract's. ``address`` makes the twelve fields of the
warehouse API's address and our ``locationId``.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.documents.document import Field, Kind

TEXT_LENGTH = 255
NOTES_LENGTH = 2000
ZERO = Decimal(0)

ACTIONS = ("upsert", "insert", "update", "replace", "cancel")
LINE_ACTIONS = ("upsert", "cancel")
PURPOSES = {"00": "upsert", "01": "cancel", "04": "update", "05": "replace", "07": "upsert"}
"""X12 purpose codes (BEG01, W0501 …) as actions."""


def text(name: str, length: int = TEXT_LENGTH, *, title: str = "", keep_longer: bool = False) -> Field:
    """Free text of at most ``length`` characters."""
    return Field(name, Kind.TEXT, title, length=length, keep_longer=keep_longer)


def notes(name: str = "notes") -> Field:
    """Longer free text."""
    return text(name, NOTES_LENGTH, title="Notes")


def identifier(
    name: str,
    length: int,
    *,
    title: str = "",
    required: bool = False,
    keep_longer: bool = False,
    refers: str | None = None,
) -> Field:
    """Text that is never a number: its leading zeros are kept."""
    return Field(name, Kind.ID, title, length=length, required=required, keep_longer=keep_longer, refers=refers)


def party(name: str, *, refers: str | None = None) -> Field:
    """Who somebody is; 13 digits are a GLN."""
    return Field(name, Kind.ID, length=20, refers=refers, codes="gln")


def business_unit() -> Field:
    """The business unit that every document belongs to (contract A3)."""
    return identifier("businessUnitId", 20, title="Business unit", required=True, refers="business_unit")


def sku() -> Field:
    """The item."""
    return identifier("skuId", 30, title="SKU", required=True, refers="sku")


def gtin(name: str = "upc") -> Field:
    """A GTIN-8, -12, -13 or -14 (GS1 General Specifications)."""
    return Field(name, Kind.ID, "GTIN", length=14, codes="gtin")


def code(name: str, *, title: str = "", default: str | None = None, codes: str | None = None) -> Field:
    """A value of an open list; ``codes`` names the shipped list that configures it."""
    return Field(name, Kind.CODE, title, length=TEXT_LENGTH, default=default, codes=codes)


def currency() -> Field:
    """ISO 4217, three letters."""
    return Field("currency", Kind.ID, "Currency", length=3, codes="currency")


def action(values: tuple[str, ...]) -> Field:
    """What to do with the document or the line (contract A5); it steers and isn't stored."""
    return Field("action", Kind.ENUM, "Action", values=values, default="upsert", stored=False)


def quantity(name: str = "quantity", *, required: bool = False, title: str = "") -> Field:
    """An exact quantity, decimal(18,6), more than zero."""
    return Field(name, Kind.QUANTITY, title, required=required, above=ZERO)


def money(name: str, *, title: str = "") -> Field:
    """An exact amount, decimal(19,4), not negative."""
    return Field(name, Kind.MONEY, title, least=ZERO)


def whole(name: str, *, title: str = "", stored: bool = True) -> Field:
    """A whole number, not negative; ``12.00`` is 12."""
    return Field(name, Kind.WHOLE, title, least=ZERO, stored=stored)


def flag(name: str) -> Field:
    """Yes or no."""
    return Field(name, Kind.FLAG)


def day(name: str) -> Field:
    """A date."""
    return Field(name, Kind.DATE)


def moment(name: str, *, title: str = "") -> Field:
    """A point in time; a bare date is its midnight in the feed's zone."""
    return Field(name, Kind.TIMESTAMP, title)


def address(prefix: str) -> tuple[Field, ...]:
    """The warehouse API's address, twelve fields, and our ``locationId``."""
    return (
        *(text(f"{prefix}.{part}") for part in ("name", "address1", "address2", "address3", "city")),
        text(f"{prefix}.state", 5, keep_longer=True),
        text(f"{prefix}.country", 5, keep_longer=True),
        identifier(f"{prefix}.postalCode", TEXT_LENGTH),
        *(text(f"{prefix}.{part}") for part in ("email", "phoneNumber", "faxNumber", "attentionTo")),
        party(f"{prefix}.locationId"),
    )
