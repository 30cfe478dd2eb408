"""The field vocabulary in which document modules are written (contract A2).

Each function returns one field; limits and defaults are the contract's. ``address`` returns the twelve fields of the
warehouse API's address and our ``locationId``, ``counts`` two fields.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.schema.document import LONGEST, Field, Kind
from crossdock.schema.roles import Role

TEXT_LENGTH = LONGEST
NOTES_LENGTH = 2000
ZERO = Decimal(0)

CHECK = "check"
"""The document is checked as any other, and nothing of it is stored (contract edi.md §6: W0501 X, a draft, a test)."""
ACTIONS = ("upsert", "insert", "update", "replace", "cancel", CHECK)
LINE_ACTIONS = ("upsert", "cancel")
KEEP = "keep"
"""The line stays as it is stored: only its number counts (contract edi.md §6, a line of an 860 that is mentioned)."""
ORDER_LINE_ACTIONS = ("upsert", KEEP, "cancel")
"""The actions of lines of orders: nothing stands below these lines, so a line is kept whole."""
NONE = ("upsert", CHECK)
"""The actions of documents that nothing changes: every other fails."""
EXTENT = "extent"
"""The field that says which of these a document is."""
WHOLE, CHANGES = EXTENTS = ("whole", "changes")
"""Whole: the lines that a document doesn't mention are cancelled. Changes: what isn't sent stays (contract A5)."""
PURPOSES = {"00": "upsert", "01": "cancel", "04": "update", "05": "replace", "07": "upsert"}
"""X12 purpose codes (BEG01, W0501 …) as actions."""


def text(
    name: str,
    length: int = TEXT_LENGTH,
    *,
    title: str = "",
    keep_longer: bool = False,
    required: bool = False,
    role: Role | None = None,
) -> Field:
    """Free text of at most ``length`` characters."""
    return Field(name, Kind.TEXT, title, length=length, keep_longer=keep_longer, required=required, role=role)


def notes(name: str = "notes") -> Field:
    """Longer free text."""
    return Field(name, Kind.TEXT, "Notes", length=NOTES_LENGTH, free=True)


def identifier(
    name: str,
    length: int,
    *,
    title: str = "",
    required: bool = False,
    keep_longer: bool = False,
    refers: str | None = None,
    aliases: tuple[str, ...] = (),
    role: Role | None = None,
) -> Field:
    """Text that is never a number: its leading zeros are kept."""
    return Field(
        name,
        Kind.ID,
        title,
        length=length,
        required=required,
        keep_longer=keep_longer,
        refers=refers,
        aliases=aliases,
        role=role,
    )


def enum(
    name: str,
    values: tuple[str, ...],
    *,
    title: str = "",
    required: bool = False,
    synonyms: tuple[tuple[str, str], ...] = (),
    remarked: bool = False,
    from_customer: str | None = None,
    aliases: tuple[str, ...] = (),
) -> Field:
    """One of those values, in upper or lower case; ``synonyms``: other spellings → value."""
    return Field(
        name,
        Kind.ENUM,
        title,
        values=values,
        required=required,
        synonyms=synonyms,
        remarked=remarked,
        from_customer=from_customer,
        aliases=aliases,
    )


def yes_no(name: str, *, required: bool = False) -> Field:
    """The API's Y or N; JSON booleans are accepted too."""
    spelled = (("true", "Y"), ("false", "N"), ("yes", "Y"), ("no", "N"), ("1", "Y"), ("0", "N"))
    return enum(name, ("Y", "N"), required=required, synonyms=spelled)


def business_unit() -> Field:
    """The business unit that every document belongs to (contract A3)."""
    return identifier("businessUnitId", 20, title="Business unit", required=True, refers="business_unit")


def sku() -> Field:
    """The item."""
    return identifier("skuId", 30, title="SKU", required=True, refers="sku", role=Role.ITEM)


def building(name: str = "buildingId", *, required: bool = False) -> Field:
    """A building's code, at most five characters in the warehouse API."""
    return identifier(name, 5, title="Building", keep_longer=True, refers="building", required=required)


def gtin(name: str = "upc", *, required: bool = False) -> Field:
    """A GTIN-8, -12, -13 or -14 (GS1 General Specifications)."""
    return Field(name, Kind.ID, "GTIN", length=14, codes="gtin", required=required, role=Role.GTIN)


def sscc(name: str, *, title: str) -> Field:
    """A Serial Shipping Container Code: 18 digits (GS1 General Specifications §3.3.1)."""
    return Field(name, Kind.ID, title, length=18, codes="sscc")


def country(name: str = "countryOfOrigin") -> Field:
    """ISO 3166-1, two letters."""
    return Field(name, Kind.ID, length=2, codes="country")


def lot(name: str = "lotNumber") -> Field:
    """A lot or batch."""
    return identifier(name, 30, title="Lot")


def serial(name: str = "serialNumber") -> Field:
    """The serial number of one piece."""
    return identifier(name, 50, title="Serial number")


def measure(name: str = "quantityMeasure") -> Field:
    """The unit of a quantity; EA if blank."""
    return code(name, title="Unit", default="EA", codes="unit", role=Role.MEASURE)


def counts() -> tuple[Field, Field]:
    """X12 CTT01 and CTT02: the number of lines and the sum of quantities, as the sender counts them."""
    return (
        whole("lineCount", title="Number of lines (CTT01)", stored=False),
        Field("totalQuantity", Kind.QUANTITY, "Sum of quantities (CTT02)", stored=False),
    )


def size(name: str, *, title: str = "", unit_in: str | None = None) -> Field:
    """A length, a weight, an amount: exact, not negative. ``unit_in``: the field of the header that says its unit."""
    return Field(name, Kind.QUANTITY, title, least=ZERO, unit_in=unit_in)


def code(
    name: str,
    *,
    title: str = "",
    default: str | None = None,
    codes: str | None = None,
    aliases: tuple[str, ...] = (),
    role: Role | None = None,
) -> Field:
    """A value of an open list; ``codes`` names the shipped list that configures it."""
    return Field(name, Kind.CODE, title, length=TEXT_LENGTH, default=default, codes=codes, aliases=aliases, role=role)


def currency() -> Field:
    """ISO 4217, three letters."""
    return Field("currency", Kind.ID, "Currency", length=3, codes="currency")


def action(values: tuple[str, ...]) -> Field:
    """What to do with the document or the line (contract A5); it is not stored."""
    return Field("action", Kind.ENUM, "Action", values=values, default="upsert", stored=False)


def extent() -> Field:
    """Whether a document is the whole truth, or only what changes of it (contract edi.md §1); it is not stored."""
    return Field(EXTENT, Kind.ENUM, "Whole or changes", values=EXTENTS, stored=False, compared=False)


def quantity(name: str = "quantity", *, required: bool = False, title: str = "", sums: str | None = None) -> Field:
    """An exact quantity, decimal(18,6), more than zero."""
    return Field(name, Kind.QUANTITY, title, required=required, above=ZERO, sums=sums, role=Role.QUANTITY)


def stock(name: str, *, required: bool = False, signed: bool = False) -> Field:
    """An exact quantity, decimal(18,6), that may be 0; if ``signed``, also negative."""
    return Field(name, Kind.QUANTITY, required=required, least=None if signed else ZERO)


def money(name: str, *, title: str = "") -> Field:
    """An exact amount, decimal(19,4), not negative."""
    return Field(name, Kind.MONEY, title, least=ZERO)


def whole(name: str, *, title: str = "", stored: bool = True) -> Field:
    """A whole number, not negative; ``12.00`` is 12."""
    return Field(name, Kind.WHOLE, title, least=ZERO, stored=stored)


def flag(name: str, *, role: Role | None = None) -> Field:
    """Yes or no."""
    return Field(name, Kind.FLAG, role=role)


def day(name: str, *, required: bool = False, aliases: tuple[str, ...] = (), free: bool = False) -> Field:
    """A date."""
    return Field(name, Kind.DATE, required=required, aliases=aliases, free=free)


def moment(name: str, *, title: str = "", required: bool = False) -> Field:
    """A point in time; a bare date is its midnight in the feed's zone."""
    return Field(name, Kind.TIMESTAMP, title, required=required)


def address(prefix: str) -> tuple[Field, ...]:
    """The warehouse API's address, twelve fields, and our ``locationId``."""
    return (
        *(text(f"{prefix}.{part}") for part in ("name", "address1", "address2", "address3", "city")),
        text(f"{prefix}.state", 5, keep_longer=True),
        Field(f"{prefix}.country", Kind.TEXT, length=5, keep_longer=True, codes="country"),
        identifier(f"{prefix}.postalCode", TEXT_LENGTH),
        *(text(f"{prefix}.{part}") for part in ("email", "phoneNumber", "faxNumber", "attentionTo")),
        Field(
            f"{prefix}.locationId", Kind.ID, length=20, codes="gln"
        ),  # 13 digits are a GLN, no number of the sender's
    )
