"""What a step can read of a document without its name: fields by their role, and the declarations beside them.

A step that works on items, customers or quantities gets the field of that role from a level; it ignores a document
without such a field. So a new document needs only its own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Role(Enum):
    """What a field is for the steps. A level has at most one field per role, except ``THEIRS``."""

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
    """A field whose value only one document has; another document with it is a warning.

    ``level``: its title; ``field``: the field's own name; ``code``: of the warning. ``within``: the greatest age of the
    other document, by its date ``by``, a field of the header; a document without a date counts.
    """

    level: str
    field: str
    code: str
    within: timedelta | None = None
    by: str = ""


@dataclass(frozen=True)
class AutoNumber:
    """A blank number becomes the next free one.

    ``placeholder``: the field whose value groups the rows without a number into documents; ``own``: the customer's own
    number, which together with the customer replaces ours (contract B).
    """

    placeholder: str
    own: str


@dataclass(frozen=True)
class ItemWay:
    """One way in which an item is found by another name (contract A7).

    ``level`` (its title), ``field``: where the names are stored; ``said``: the role of the fields with such a name;
    ``called``: the way, in a sentence.
    """

    level: str
    field: str
    said: Role
    called: str
