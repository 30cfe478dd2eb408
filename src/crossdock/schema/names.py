"""How names are compared and spelled (contract A1).

Outside, names are camelCase with dots (``shipTo.city``); inside, snake_case (``ship_to_city``). Headers are matched
without regard to case, blanks, ``_``, ``-``, ``.`` and accents.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = (
    "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\u180e\u2061\u2062\u2063\u2064"
)
"""Invisible characters: byte order marks, zero widths, soft hyphens, marks of direction."""
ODD_BLANKS = "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
"""Blanks that look like the plain one and are another: no-break, narrow, of a fixed width. The ideographic one is as
wide as a letter, so it is seen."""
BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\u3000" + ODD_BLANKS + INVISIBLE
"""Characters at the ends of a cell that are no content: every blank of Unicode, and the invisible ones."""
NOTHING = BLANKS + "\x1a"
"""What a blank line of a text consists of: blanks, and the mark with which old systems end a file."""
_LEFT_OUT = re.compile(rf"[\s_\-.{INVISIBLE}]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=10_000)
def bare(name: str) -> str:
    """A heading as it is compared with synonyms: letters and digits only, without case and accents.

    >>> bare("PO #"), bare("N° de commande"), bare("Straße")
    ('po', 'ndecommande', 'strasse')
    """
    decomposed = unicodedata.normalize("NFKD", name.replace("°", " ").replace("º", " "))
    return "".join(letter for letter in decomposed.casefold() if letter.isalnum() and letter.isprintable())


@lru_cache(maxsize=10_000)
def fold(name: str) -> str:
    """A header without case, blanks, ``_``, ``-``, ``.`` and accents: two spellings of it are equal (contract A1).

    >>> fold("Customer Order-Number") == fold("customer_order.numbér")
    True
    """
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _LEFT_OUT.sub("", bare).casefold()


ELEMENT = "[]"
"""What a column may write behind the name of an array, as some languages for paths do: ``edges[].node.sku``."""
_QUALIFIED = re.compile(r"([^\[\]]+)\[([^\[\]=]+)=([^\[\]]*)\]")


@dataclass(frozen=True)
class Qualifier:
    """What tells one of several things of a name: ``partners[role=ST]`` is the one whose ``role`` is ``ST``.

    ``of``: the name that they share; ``key``: what is compared; ``value``: with what, case and blanks around it don't
    matter; ``text``: as it is written.
    """

    of: str
    key: str
    value: str
    text: str

    def fits(self, value: str) -> bool:
        """Whether a thing with this value of ``key`` is meant."""
        return value.strip().casefold() == self.value.strip().casefold()


TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sub total", "sub-total", "sum", "overall total"),
    *("summe", "gesamt", "gesamtsumme", "gesamtergebnis", "zwischensumme", "ergebnis", "endsumme"),
    *("sous-total", "total général", "total general", "suma", "totale", "subtotale", "totaal", "subtotaal"),
    *("grand totals", "overall result", "net total", "report total", "sum total", "σ", "∑"),
    *("insgesamt", "teilergebnis", "totaux", "totales", "total geral", "totali", "totale complessivo", "eindtotaal"),
    *("razem", "łącznie", "suma końcowa", "celkem", "celkom", "součet", "összesen", "végösszeg"),
    *("toplam", "genel toplam", "ara toplam", "итого", "всего", "общий итог", "разом", "σύνολο", "γενικό σύνολο"),
    *("summa", "totalsumma", "totalt", "i alt", "yhteensä", "合計", "総計", "小計", "合计", "总计", "小计", "總計"),
    *("합계", "총계", "소계", 'סה"כ', "סה״כ", "סך הכל", "المجموع", "الإجمالي", "المجموع الكلي"),
)
"""What spreadsheets call a row of totals."""
CANCELLING = frozenset(
    (
        *("canceled", "cancelled", "voided", "storniert", "annulliert", "annulé", "annulée", "anulado", "cancelado"),
        *("cancelada", "annullato", "geannuleerd", "anulowane", "anulowany", "iptal edildi"),
    )
)
"""Words of a status of what will never be shipped."""


def qualifier(name: str) -> Qualifier | None:
    """The qualifier at the beginning of a name; None if it has none.

    >>> qualifier("partners[role=ST].name").key, qualifier("partners.name")
    ('role', None)
    """
    match = _QUALIFIED.match(name)
    return Qualifier(match[1], match[2].strip(), match[3], match[0]) if match else None


@lru_cache(maxsize=10_000)
def snake(name: str) -> str:
    """The name of a SQL column, in snake_case, for a field's name.

    >>> snake("shipTo.postalCode")
    'ship_to_postal_code'
    """
    return _HUMP.sub("_", name).replace(".", "_").replace(" ", "_").lower()


def is_text(value: str) -> bool:
    r"""Whether every database can hold a text: it has no NUL, and no half of a character (JSON can have both).

    >>> is_text("Käse"), is_text("a\x00b"), is_text("\ud83d")
    (True, False, False)
    """
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
