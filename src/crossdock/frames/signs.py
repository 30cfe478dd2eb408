"""Columns that turn the numbers beside them, or say that they don't count: their sign, the way that goods go, that they
come back, that nobody may ship them, that the order is cancelled.

Old systems, and databases that keep quantities without a sign, write it into a column of its own. There a word
says nothing alone (``C`` may be a class, ``Credit`` a card): the heading must be known, or each value of the column.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.schema.names import CANCELLING, bare

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
NOT_TO_SHIP = frozenset({
    "quarantine", "quarantined", "blocked", "hold", "on hold", "qc hold", "qa hold", "quality inspection", "qi",
    "damaged", "damage", "defective", "expired", "scrap", "in transit", "in-transit", "intransit", "transit",
    "on order", "not available", "unavailable", "unsellable", "unfulfillable", "restricted", "gesperrt",
    "sperrbestand", "gesperrter bestand", "qualitätsprüfung", "in prüfung", "quarantäne", "defekt", "beschädigt",
    "unterwegs", "bloqué", "quarantaine", "endommagé", "en transit", "bloqueado", "cuarentena", "dañado",
    "en tránsito", "geblokkeerd", "beschadigd", "onderweg",
})  # fmt: skip
"""Words of a status of stock that is not there, or that nobody may ship, in lower case."""
CANCELLED_AT = frozenset(
    f"{before}{word}{behind}"
    for word in ("cancelled", "canceled")
    for before, behind in (("", ""), ("is", ""), ("", "at"), ("", "on"), ("", "date"), ("", "time"))
)
"""What columns are called in which any value cancels, but one that says no."""
_NO = frozenset(("false", "no", "n", "0", "none", "null", "-"))
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
    known = (bare(heading) or heading.strip()) in HEADINGS or {"+", "-"} == words.keys()
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
    flags = _YES if bare(heading) in RETURN_FLAGS else frozenset()
    return next((each for each in texts if each.casefold() in RETURNS | flags), "")


def withheld_in(texts: Sequence[str]) -> str:
    """The text with which a column says that stock is not there, or that nobody may ship it; '' if none says so.

    >>> withheld_in(["Available", "Quarantine"]), withheld_in(["A", "B"])
    ('Quarantine', '')
    """
    return next((each for each in texts if each.casefold() in NOT_TO_SHIP), "")


def cancelled_in(texts: Sequence[str]) -> str:
    """The text with which a column says that a document is cancelled; '' if none says so.

    >>> cancelled_in(["Open", "Storniert"]), cancelled_in(["Open"])
    ('Storniert', '')
    """
    return next((each for each in texts if each.casefold() in CANCELLING), "")


def cancelled_at(heading: str, texts: Sequence[str]) -> str:
    """The text in a column of whether, or when, a document was cancelled that says so; '' if none does.

    >>> cancelled_at("Cancelled at", ["2026-01-05"]), cancelled_at("Canceled", ["no"]), cancelled_at("Paid at", ["x"])
    ('2026-01-05', '', '')
    """
    values = texts if bare(heading) in CANCELLED_AT else ()
    return next((each for each in values if each.casefold() not in _NO), "")
