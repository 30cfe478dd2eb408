"""Addresses: N1 with N2, N3, N4, PER of X12; NAD with CTA, COM of EDIFACT (contract edi.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock.formats.edi.interchange import X12
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Path
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed

NAME, PARTY = "N1", "NAD"
"""The segments that begin the loop of a party."""
PHONES = {"phoneNumber": "TE", "faxNumber": "FX", "email": "EM"}
"""Fields of an address → the qualifier of PER and COM."""
_CONTACTS = {name: Path(code, "PER", qualifiers=(code,)) for name, code in PHONES.items()}
_COMS = {name: Path(code, "COM", qualifiers=(code,)) for name, code in PHONES.items()}


def address(prefix: str, roles: Sequence[str], loop: Loop, values: Values) -> dict[str, str]:
    """The fields of the first party that is there, by the order of the roles, under names with a prefix."""
    party = _party_of(roles, loop, values)
    if party is None:
        return {}
    fields = _of_x12(party, values) if values.syntax.standard == X12 else _of_edifact(party, values)
    return {f"{prefix}.{name}": text for name, text in fields if text}


def _party_of(roles: Sequence[str], loop: Loop, values: Values) -> Loop | None:
    """The loop of the first party that is there, by the order of the roles."""
    parties = loop.loops.get(NAME if values.syntax.standard == X12 else PARTY, [])
    by_role: dict[str, Loop] = {}
    for each in parties:
        by_role.setdefault(values.at(each.first, Spot(1)), each)
    return next((by_role[role] for role in roles if role in by_role), None)


def elsewhere(roles: Sequence[str], line: Loop, root: Loop, values: Values) -> str:
    """The segment and role of a party of a line that is another one than its document's, '' if it has none.

    A party without an id is known by everything else that is said of it.
    """
    own, other = _party_of(roles, line, values) if roles else None, _party_of(roles, root, values)
    if own is None or own.first is None:
        return ""
    spot = Spot(4) if values.syntax.standard == X12 else Spot(2, 1)
    sent = values.at(own.first, spot)
    known = (values.at(other.first, spot) if sent else content(other, values)) if other is not None else ""
    return "" if (sent or content(own, values)) == known else f"{own.first.id}*{values.at(own.first, Spot(1))}"


def doubles(loops: Sequence[Loop], values: Values) -> Iterator[tuple[str, Loop, Loop]]:
    """Parties of which there are two: the role, the first, and one behind it."""
    for loop in loops:
        by_role: dict[str, Loop] = {}
        for each in loop.loops.get(NAME if values.syntax.standard == X12 else PARTY, []):
            role = values.at(each.first, Spot(1))
            if by_role.setdefault(role, each) is not each:
                yield role, by_role[role], each


def content(party: Loop, values: Values) -> str:
    """Everything that is said of a party but its role, as one text."""
    segments = (segment for own in party.segments.values() for segment in own)
    behind_role = {id(party.first): 2}
    spots = ((each, at) for each in segments for at in range(behind_role.get(id(each), 1), len(each.parts)))
    texts = (values.at(each, Spot(at)) for each, at in spots)
    return " ".join(filter(None, texts))


def further(party: Loop, values: Values) -> Iterator[Placed]:
    """What is said of a party once more, and differs, where an address has room for the first only: its place (N4) and
    its contact (PER, CTA).
    """
    places = party.segments.get("N4", [])
    yield from (each for each in places[1:] if _of(each, 1, values) != _of(places[0], 1, values))
    contacts = party.segments.get("PER", []) or party.segments.get("CTA", [])
    yield from (each for each in contacts[1:] if _of(each, 2, values) not in ("", _of(contacts[0], 2, values)))


def _of(segment: Placed, start: int, values: Values) -> str:
    """What a segment says from an element on, as one text."""
    return " ".join(filter(None, (values.at(segment, Spot(at)) for at in range(start, len(segment.parts)))))


def _texts(loop: Loop, segment: str, elements: Sequence[int], values: Values) -> list[list[str]]:
    """Of each such segment in a loop, the texts at some places."""
    return [[values.at(each, Spot(place)) for place in elements] for each in loop.segments.get(segment, [])]


def _of_x12(loop: Loop, values: Values) -> Iterator[tuple[str, str]]:
    names = [values.at(loop.first, Spot(2)), *(each for row in _texts(loop, "N2", (1, 2), values) for each in row)]
    yield "name", " ".join(each for each in names if each)
    lines = [each for row in _texts(loop, "N3", (1, 2), values) for each in row if each]
    yield "address1", lines[0] if lines else ""
    yield "address2", lines[1] if len(lines) > 1 else ""
    yield "address3", ", ".join(lines[2:])
    place = next(iter(_texts(loop, "N4", (1, 2, 3, 4, 7), values)), [""] * 5)
    yield "city", place[0]
    yield "state", place[1] or place[4]
    yield "postalCode", place[2]
    yield "country", place[3]
    contact = next(iter(_texts(loop, "PER", (2,), values)), [""])
    yield "attentionTo", contact[0]
    for name, path in _CONTACTS.items():
        yield name, values.first([path], [loop])
    yield "locationId", values.at(loop.first, Spot(4))


def _of_edifact(loop: Loop, values: Values) -> Iterator[tuple[str, str]]:
    first = loop.first
    lines = [values.at(first, Spot(3, number)) for number in range(1, 6)]
    name = " ".join(each for each in (values.at(first, Spot(4, 1)), values.at(first, Spot(4, 2))) if each)
    yield "name", name or lines[0]
    streets = [each for each in (values.at(first, Spot(5, number)) for number in range(1, 5)) if each]
    streets = streets or [each for each in lines[1:] if each]
    yield "address1", streets[0] if streets else ""
    yield "address2", streets[1] if len(streets) > 1 else ""
    yield "address3", ", ".join(streets[2:])
    for place, field in ((6, "city"), (7, "state"), (8, "postalCode"), (9, "country")):
        yield field, values.at(first, Spot(place, 1)) if place == 7 else values.at(first, Spot(place))
    contacts = loop.loops.get("CTA", [])
    if contacts:
        yield "attentionTo", values.at(contacts[0].first, Spot(2, 2)) or values.at(contacts[0].first, Spot(2, 1))
        for name, path in _COMS.items():
            yield name, values.first([path], contacts)
    yield "locationId", values.at(first, Spot(2, 1))
