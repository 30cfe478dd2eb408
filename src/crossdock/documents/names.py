"""How names are compared and spelled (contract A1).

Outside, names are camelCase with dots (``shipTo.city``); inside, snake_case (``ship_to_city``). Headers are matched
without regard to case, blanks, ``_``, ``-``, ``.`` and accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LEFT_OUT = re.compile(r"[\s_\-.]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=10_000)
def fold(name: str) -> str:
    """The form in which two spellings of one header are equal.

    >>> fold("Customer Order-Number") == fold("customer_order.numbér")
    True
    """
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _LEFT_OUT.sub("", bare).casefold()


def snake(name: str) -> str:
    """The name of a column in Python and SQL.

    >>> snake("shipTo.postalCode")
    'ship_to_postal_code'
    """
    return _HUMP.sub("_", name).replace(".", "_").replace(" ", "_").lower()
