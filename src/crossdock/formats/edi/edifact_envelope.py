"""EDIFACT's envelope: UNA, UNB, UNG, UNH and their trailers (contract edi.md §3, ISO 9735)."""

from __future__ import annotations

from crossdock.failures.refusals import Refused
from crossdock.formats.edi.interchange import CONTROL, EDIFACT, RECEIPT, GroupRecord, Interchange, Party, Wishes
from crossdock.formats.edi.syntax import BETWEEN, Syntax, begins

SET, SET_END = "UNH", "UNT"
GROUP, GROUP_END = "UNG", "UNE"
HEADER, TRAILER = "UNB", "UNZ"
ADVICE, ADVICE_LENGTH = "UNA", 9
HEADERS = (HEADER, ADVICE)
"""With which the next interchange may begin."""
USUAL = ":+.? '"
CHARSETS = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5",
    "UNOF": "iso8859-7", "UNOG": "iso8859-3", "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9", "UNOY": "utf-8", "UNOW": "utf-8",
}  # fmt: skip
"""Codes of 0001 → encodings."""
RECEIPT_ASKED, VERDICTS_ASKED = "2", "1"
"""0031: that the interchange came is told, and nothing else; a CONTRL is asked for."""
ANSWERS_IN_GROUPS = False
"""As of X12."""
REPEATS_FROM = "4"
"""From this syntax version on the fifth character of UNA is the repetition separator."""


def syntax_of(head: str, *, is_utf8: bool) -> tuple[Syntax, int]:
    """The separators of the interchange with which a text begins, and where its UNB is.

    ``head``: the text from UNA or UNB on, as Latin-1. ``is_utf8``: the file is valid UTF-8, so it is read as that
    whatever it declares. Raises ``Refused`` if the separators can't be told.
    """
    marks, unb = USUAL, 0
    if head.startswith(ADVICE):
        marks = head[3:ADVICE_LENGTH]
        rest = head[ADVICE_LENGTH:]
        unb = ADVICE_LENGTH + len(rest) - len(rest.lstrip(BETWEEN))
    if len(marks) < len(USUAL) or not head[unb:].startswith(HEADER):
        raise Refused("interchange_unreadable", which=ADVICE, reason="no UNB follows")
    component, element, decimal, release, reserved, terminator = list(marks)
    separators = [each for each in (component, element, release.strip(), terminator) if each]
    if len(set(separators)) < len(separators):
        raise Refused("interchange_unreadable", which=ADVICE, reason="two of its separators are the same")
    for mark in (component, element, terminator):
        if mark.isalnum() or mark == " ":
            raise Refused("interchange_unreadable", which=ADVICE, reason=f"a separator is {mark!r}")
    first, _, behind = head[unb:].replace("\r\n", "\n").partition("\n")
    if terminator not in first and behind.startswith((SET + element, GROUP + element)):
        breaks = f"its segments end in line breaks, and a UNA must say so: else they end in {terminator}"
        raise Refused("interchange_unreadable", which=HEADER, reason=breaks)
    identifier = head[unb + 4 : unb + 40].split(element)[0].split(component)
    version = identifier[1] if len(identifier) > 1 else ""
    repetition = reserved.strip() if version >= REPEATS_FROM and not reserved.isalnum() else ""
    if version >= REPEATS_FROM and unb == 0:
        repetition = "*"
    encoding = "utf-8" if is_utf8 else CHARSETS.get(identifier[0], "cp1252")
    encoding = "cp1252" if encoding == "ascii" else encoding
    syntax = Syntax(
        EDIFACT,
        element,
        component,
        repetition,
        terminator,
        release.strip(),
        decimal if unb and decimal in ",." else "",
        encoding,
    )
    return syntax, unb


def interchange_of(segment: list[str], syntax: Syntax) -> Interchange:
    """The interchange that a UNB begins."""
    unb = [*segment, *[""] * 12]
    charset, *version = syntax.components(unb[1])
    moment = [*syntax.components(unb[4]), ""]
    sender, receiver = _party(syntax.components(unb[2])), _party(syntax.components(unb[3]))
    number = syntax.text(unb[5])
    if not sender.id or not receiver.id or not number:
        raise Refused("interchange_unreadable", which=HEADER, reason="it names no sender, no receiver or no number")
    return Interchange(
        standard=EDIFACT,
        sender=sender,
        receiver=receiver,
        number=number,
        date=moment[0],
        time=moment[1],
        usage="T" if syntax.text(unb[11]) == "1" else "P",
        version=version[0] if version else "",
        charset=charset,
        asks=syntax.text(unb[9]),
        header=tuple(map(syntax.sent, segment)),
        separators=syntax.shown(),
        encoding=syntax.encoding,
    )


def between_sets(element: str, component: str, behind: str) -> str:
    """As X12's, of UNT and UNH; of none where components are not separated as they are named."""
    return ("" if component == ":" else "(?!)") + (
        rf"(?P<end>UNT{element}(?P<count>[0-9]+){element}(?P<closed>[0-9A-Za-z]+)){behind}"
        rf"(?P<set>UNH{element}(?P<number>[0-9A-Za-z]+){element}"
        rf"(?P<version>(?P<type>[0-9A-Za-z]+)(?:{component}[0-9A-Za-z]+)*))"
    )


def declared(interchange: Interchange) -> str:
    """The encoding of the character set that UNB declares; its own where nobody knows that."""
    return CHARSETS.get(interchange.charset, interchange.encoding)


def _party(components: list[str]) -> Party:
    """S002, S003: id, qualifier, address."""
    identifier, qualifier, routing = [*components, "", ""][:3]
    return Party(qualifier, identifier, routing)


def group_of(segment: list[str], start: int, syntax: Syntax) -> GroupRecord:
    """The group that a UNG begins."""
    ung = [*segment, *[""] * 8]
    moment = [*syntax.components(ung[4]), ""]
    return GroupRecord(
        code=syntax.text(ung[1]),
        sender=syntax.text(ung[2]),
        receiver=syntax.text(ung[3]),
        date=moment[0],
        time=moment[1],
        number=syntax.text(ung[5]),
        agency=syntax.text(ung[6]),
        version=syntax.text(ung[7]),
        header=tuple(map(syntax.sent, segment)),
        start=start,
    )


def answer_to_envelope(wishes: Wishes, verdict: str) -> str:
    """As X12's; a refusal is a CONTRL, everything else a receipt."""
    if verdict == "R":
        return CONTROL if wishes.technical != "never" or wishes.functional != "none" else ""
    is_asked = wishes.technical == "asked" and wishes.asks == RECEIPT_ASKED
    return RECEIPT if is_asked or wishes.technical == "always" else ""


def answer_to_sets(wishes: Wishes, usage: str) -> str:
    """As X12's."""
    wanted = wishes.functional == CONTROL or (wishes.functional != "none" and wishes.asks == VERDICTS_ASKED)
    return CONTROL if wanted else ""


def is_interchange(segment: str) -> bool:
    """Whether a segment begins a next interchange, which may have other separators."""
    return segment.startswith((ADVICE, HEADER)) and begins(segment) == EDIFACT
