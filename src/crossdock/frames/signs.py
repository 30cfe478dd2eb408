"""Columns that turn the numbers beside them: their sign, the way that goods go, that they come back.

Old systems, and databases that keep quantities without a sign, write it into a column of its own. There a word
says nothing alone (``C`` may be a class, ``Credit`` a card): the heading must be known, or each value of the column.
"""

from __future__ import annotations

from collections.abc import Sequence

HEADINGS = frozenset({
    "sign", "qtysign", "quantitysign", "amountsign", "plusminus", "vorzeichen", "vz", "mengenvorzeichen", "signe",
    "signo", "segno", "teken", "znak", "shkzg", "sh", "shkz", "shkennzeichen", "sollhaben", "sollhabenkz",
    "sollhabenkennzeichen", "dc", "cd", "dcind", "dcindicator", "drcr", "crdr", "debitcredit", "creditdebit",
    "debitcreditind", "debitcreditindicator", "debitcreditcode", "creditdebitindicator", "debetcredit", "+/-",
    "-/+", "±",
})  # fmt: skip
"""What columns of signs are called: letters and digits of their headings. SHKZG is SAP's (MSEG, EKBE, BSEG)."""
PLUS = frozenset(("+", "+1", "1", "plus", "positive", "pos", "s", "soll", "d", "dr", "debit", "debet"))
"""Words of a column of signs, in lower case."""
MINUS = frozenset(("-", "−", "–", "-1", "minus", "negative", "neg"))
"""Words of the other sign, that say so alone."""
CREDIT = frozenset(("h", "haben", "c", "cr", "credit"))
"""Words of the other side of an account, the other sign only beside its first side: a delivery is all credit."""
COMING = frozenset({
    "in", "inbound", "stock in", "stock-in", "stockin", "stock_in", "incoming", "increase", "zugang", "eingang",
    "entrada", "entrée", "entree", "entrata", "carico", "inkomend", "ontvangst", "przyjęcie", "masuk", "giriş",
    "入库",
})  # fmt: skip
"""Words of movements that bring goods."""
LEAVING = frozenset({
    "out", "outbound", "stock out", "stock-out", "stockout", "stock_out", "outgoing", "decrease", "abgang",
    "ausgang", "salida", "saída", "sortie", "uscita", "scarico", "uitgaand", "wydanie", "keluar", "çıkış", "出库",
})  # fmt: skip
"""Words of movements that take goods away."""
RETURNS = frozenset({
    "return", "returns", "returned", "return order", "returns order", "customer return", "sales return", "refund",
    "refunded", "refunds", "credit note", "creditnote", "credit memo", "creditmemo", "credit invoice", "rma",
    "gutschrift", "retoure", "retour", "rückgabe", "rücksendung", "retourniert", "erstattet", "avoir", "remboursé",
    "remboursement", "devolución", "devolucion", "devuelto", "reembolso", "nota de crédito", "reso", "rimborso",
    "nota di credito", "retourzending", "creditnota", "terugbetaling", "zwrot", "iade",
})  # fmt: skip
"""Words of rows whose goods or money come back, in lower case."""
RETURN_FLAGS = frozenset(
    ("return", "isreturn", "returned", "isreturned", "returnflag", "returnitem", "returnsitem", "retpo", "shkzg")
)
"""What columns are called in which a yes says that goods come back: SAP's EKPO-RETPO and VBRP-SHKZG among them."""
_YES = frozenset(("y", "yes", "true", "x", "j", "ja", "oui", "si", "sí"))


def minus_in(heading: str, texts: Sequence[str]) -> str:
    """The text of a column of signs with which it says minus; '' if a column of these values is none.

    >>> minus_in("S/H", ["S", "H"]), minus_in("+/-", ["-"]), minus_in("F", ["+", "-"]), minus_in("Class", ["C", "D"])
    ('H', '-', '-', '')
    >>> minus_in("Sign", ["Y", "N"]), minus_in("Remark", ["-"]), minus_in("Card", ["Debit", "Credit"])
    ('', '', '')
    >>> minus_in("S/H", ["H"]), minus_in("Sign", ["-"])
    ('', '-')
    """
    words = {each.casefold(): each for each in texts}
    known = _bare(heading) in HEADINGS or {"+", "-"} == words.keys()
    if not known or not words.keys() <= PLUS | MINUS | CREDIT:
        return ""
    others = MINUS | CREDIT if words.keys() & PLUS else MINUS
    return next((text for word, text in words.items() if word in others), "")


def leaving_in(texts: Sequence[str]) -> str:
    """The text with which a column of movements says that goods leave; '' if a column of these values doesn't say.

    >>> leaving_in(["IN", "OUT"]), leaving_in(["Stock Out"]), leaving_in(["OUT", "blue"])
    ('OUT', 'Stock Out', '')
    """
    words = {each.casefold(): each for each in texts}
    if not words.keys() <= COMING | LEAVING:
        return ""
    return next((text for word, text in words.items() if word in LEAVING), "")


def return_in(heading: str, texts: Sequence[str]) -> str:
    """The text with which a column says that what a row has comes back; '' if none says so.

    >>> return_in("Type", ["Sale", "Refund"]), return_in("Is Return", ["N", "Y"]), return_in("Returned", ["0", "2"])
    ('Refund', 'Y', '')
    """
    flags = _YES if _bare(heading) in RETURN_FLAGS else frozenset()
    return next((each for each in texts if each.casefold() in RETURNS | flags), "")


def _bare(heading: str) -> str:
    """A heading's letters and digits; all of one that has none."""
    text = heading.strip().casefold()
    return "".join(each for each in text if each.isalnum()) or text
