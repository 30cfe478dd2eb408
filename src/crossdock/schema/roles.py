"""What a step may ask a document for without knowing its name: fields by their role, and what is declared beside them.

A step that works on items, customers or quantities asks a level for the field of that role; a document without such a
field is none of its business. So a new document needs its own file only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Role(Enum):
    """What a field is to the steps. A level has one field of a role at most, but for ``THEIRS``."""

    ITEM = "the item"
    THEIRS = "what others call the item"
    GTIN = "the item's GTIN"
    LOT = "whether the item needs a lot"
    SERIAL = "whether the item needs a serial number"
    QUANTITY = "how much of the item"
    MEASURE = "the unit of the quantity"
    FACTOR = "how many base units that is"
    PARTNER = "whose words they are"
    CUSTOMER = "the customer"
    CONTACT = "a person at the customer's"


@dataclass(frozen=True)
class Unique:
    """A field whose value stands in one document only; another that has it is a warning.

    ``level``: its title; ``field``: the field's own name; ``code``: of the warning. ``within``: how long ago the other
    one may lie at most by its date ``by``, a field of the header; one without a date counts.
    """

    level: str
    field: str
    code: str
    within: timedelta | None = None
    by: str = ""


@dataclass(frozen=True)
class AutoNumber:
    """A blank number is the next free one.

    ``placeholder``: the field that says which rows without a number are one document; ``own``: the customer's own
    number, which with the customer stands in for ours (contract B).
    """

    placeholder: str
    own: str


@dataclass(frozen=True)
class ItemWay:
    """One way in which an item is found by another name (contract A7).

    ``level`` (its title), ``field``: where the names are kept; ``said``: the role of the fields that say such a name;
    ``called``: the way, in a sentence.
    """

    level: str
    field: str
    said: Role
    called: str
