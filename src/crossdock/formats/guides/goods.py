"""Ids of items, units and prices as both standards write them (contract edi.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.failures.sentences import quoted
from crossdock.formats.edi.interchange import X12
from crossdock.frames.numerals import exact
from crossdock.schema import codes

GTINS = ("UP", "UK", "EN", "EO", "SRV")
"""Qualifiers of GTINs with their check digit (X12 235, EDIFACT 7143)."""
WITHOUT_CHECK_DIGIT = {"UI": 11, "UD": 12, "U2": 13}
"""Qualifiers of GTINs that lack it, and their digits."""
NOT_ITEMS = frozenset(
    ("LT", "B8", "SN", "CH", "PL", "PO", "ND", "N4", "N1", "N2", "N3", "N5", "PD", "UC", "ST", "SZ", "BO", "CM", "UA",
     "UN", "LO", "NB", "CR", "CL", "CN", "DR", "SE", "PU", "VE", "HD", "CO", "RN", "PS", "GU")
)  # fmt: skip
"""Qualifiers of what is no item, and of case codes, which lack the check digit and the first one."""
LONGEST = 3
"""Letters of a qualifier."""
PER = {
    **dict.fromkeys(("HP", "TC", "QH", "WC", "LC"), 100),
    **dict.fromkeys(("TP", "TM", "QS", "WM", "LM"), 1000),
    "PN": 10,
    **dict.fromkeys(("PD", "TD", "WD", "LD"), 12),
}
"""Bases of unit prices (639) → for how many the price is."""
AS_IT_IS = frozenset(
    ("", "PE", "TE", "WE", "QE", "LE", "UM", "CT", "NT", "QT", "RE", "CP", "LP", "RP", "WH", "ST", "SR")
)
"""Bases that are each."""
BASES = {"DZ": "PD", "HU": "HP", "TH": "TP"}
"""Units (355) that are so many pieces → the basis (639) of their price."""
FREE = "NC"
PLACES = Decimal("0.0001")
LARGEST = 20
"""Characters of a price that is divided: longer ones are none of ours."""
CASSETTE = "CS"
"""X12's code of a cassette, which is taken as a case."""


@dataclass(frozen=True)
class Reading:
    """A value of ours, and what is to be said of it: a code with details, or ''."""

    text: str
    code: str = ""
    meant: str = ""
    sent: str = ""

    @property
    def details(self) -> dict[str, str]:
        """What the sentence of its code needs; ``sent``: what is left out of the text, or what was sent for it."""
        sent = {"value": quoted(self.sent)} if self.code == SPELLED else {"sent": self.sent}
        return {"meant": self.meant} | (sent if self.sent else {})


SEVERAL, LEFT_OUT, FIRST = "several_values", "none_of_several", "first_of_several"
MISSING = "missing"
SPELLED = "other_spelling"
NO_ZONE = "unknown_zone"
SINGLE = frozenset(("EA", "PC"))
"""What X12 calls a piece, and we."""
PIECES = frozenset(("PCE", "C62", "NAR", "NMB"))
"""What EDIFACT calls a piece, beside EA (EANCOM)."""


def unit(sent: str, standard: str) -> Reading:
    """A unit in our code; as sent if it isn't known. EDIFACT may put X before the code of a package."""
    if standard == X12:
        if sent == CASSETTE:
            return Reading(CASSETTE, SPELLED, "CS")
        return Reading(codes.units_by("x12").get(sent, sent))
    if sent in PIECES:
        return Reading("EA")
    known = codes.units_by("rec20")
    bare = sent[1:] if len(sent) == 3 and sent.startswith("X") else sent
    return Reading(known.get(sent) or known.get(bare) or codes.units_by("x12").get(bare) or sent)


def item(pairs: Sequence[tuple[str, str]], wanted: Iterable[str]) -> Reading:
    """The id of an item: of the first qualifier that is there; ``gtin``: its GTIN; ``any``: any other id.

    Of several ids of one qualifier the first, and they are remarked on.
    """
    for name in wanted:
        if name == "gtin":
            reading, qualifier = _gtin(pairs)
        else:
            fitting = (each for each in pairs if (_is_item(each[0]) if name == "any" else each[0] == name))
            qualifier, text = next(fitting, ("", ""))
            reading = Reading(text)
        if reading.text:
            different = list(dict.fromkeys(text for own, text in pairs if own == qualifier))
            return Reading(reading.text, FIRST, sent=", ".join(different)) if len(different) > 1 else reading
    return Reading("")


def others(pairs: Sequence[tuple[str, str]], used: Sequence[str]) -> list[str]:
    """The ids of an item that are none of those, each once."""
    return list(dict.fromkeys(text for qualifier, text in pairs if _is_item(qualifier) and text not in used))


def _is_item(qualifier: str) -> bool:
    """Whether an id is one of an item; what is longer than a code is an id that stands where its qualifier belongs."""
    return (
        len(qualifier) <= LONGEST
        and qualifier not in NOT_ITEMS
        and qualifier not in GTINS
        and qualifier not in WITHOUT_CHECK_DIGIT
    )


def _gtin(pairs: Sequence[tuple[str, str]]) -> tuple[Reading, str]:
    """The GTIN of an item, and its qualifier."""
    for name in GTINS:
        own = next((text for qualifier, text in pairs if qualifier == name), "")
        if own:
            return Reading(own), name
    for name, digits in WITHOUT_CHECK_DIGIT.items():
        own = next((text for qualifier, text in pairs if qualifier == name), "")
        if len(own) == digits and own.isdigit() and not codes.is_gtin(own):
            whole = own + codes.check_digit(own)
            return Reading(whole, SPELLED, whole, sent=own), name
    bare = next((text for qualifier, text in pairs if not qualifier), "")
    return Reading(bare if len(bare) in codes.GTIN_LENGTHS and bare.isdigit() else ""), ""


def price(sent: str, basis: str) -> Reading:
    """A unit price for one; as sent if its basis can't be divided into four places, '' if it is none for one.

    Both are numbers with a point; a price that is none stays as sent.
    """
    if basis == FREE:
        return Reading("0")
    if basis in AS_IT_IS or not sent:
        return Reading(sent)
    count, whole = PER.get(basis) or exact(basis), exact(sent)
    if not count:
        return other_price(sent, basis)
    if whole is None or len(sent) > LARGEST:
        return Reading(sent)
    each = whole / count
    rounded = each.quantize(PLACES)
    return Reading(f"{rounded.normalize():f}" if rounded == each else f"{each:f}")


def is_basis(code: str) -> bool:
    """Whether a code says for how many a price is, whatever its quantity is counted in."""
    return code in AS_IT_IS or code in PER or code == FREE


def is_pack(measure: str) -> bool:
    """Whether a unit of X12 is of several pieces, or holds them: no piece, and nothing that is weighed or measured.

    >>> is_pack("CA"), is_pack("HU"), is_pack("EA"), is_pack("LB"), is_pack("")
    (True, True, False, False, False)
    """
    ours = codes.units_by("x12").get(measure)
    return measure in BASES or (ours is not None and ours not in SINGLE and codes.units()[ours] == 0)


def other_price(sent: str, measure: str) -> Reading:
    """No price, because it is for something else than the quantity counts; and that this is so."""
    return Reading("", "other_measure", measure, sent)
