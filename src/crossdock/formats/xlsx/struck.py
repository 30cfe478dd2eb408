"""What people have struck out in a workbook: whole cells by their style, texts and parts of them by their letters.

Its reader returns all of it: a cell with ``10`` struck out and ``12`` written behind it is 1012.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.formats.xlsx.zip_xml import Package, elements, parse, pieces

_OFF = ("0", "false", "off")
"""How a property is switched off (ECMA-376 part 1 §22.9.2.7)."""


@dataclass(frozen=True)
class Struck:
    """``styles``: the cell styles that strike out. ``texts``: the number of a shared text of which something is struck
    out → what is left of it, '' if nothing is.
    """

    styles: frozenset[int] = frozenset()
    texts: Mapping[int, str] = field(default_factory=dict)


class RichText:
    """A text whose parts have fonts of their own, as its XML goes by (``r``, ``rPr``, ``t``)."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, bool]] = []
        self._struck = self._reads = self._is_sound = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "strike":
            self._struck = attributes.get("val") not in _OFF
        elif name == "rPh":  # how the text is spoken
            self._is_sound = True
        elif name == "t":
            self._reads = not self._is_sound

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._reads:
            self._parts.append((text, self._struck))

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "r":
            self._struck = False
        elif name == "rPh":
            self._is_sound = False
        elif name == "t":
            self._reads = False

    @property
    def left(self) -> str | None:
        """What isn't struck out; None where nothing is struck out."""
        return left_of(self._parts)


def left_of(parts: list[tuple[str, bool]]) -> str | None:
    """What is left of the parts of a text (text, whether it is struck out); None where nothing is struck out."""
    if not any(struck and text.strip() for text, struck in parts):
        return None
    return "".join(text for text, struck in parts if not struck).strip()


def struck_of(archive: Package, styles: str, shared: str) -> Struck:
    """What is struck out by the styles and the shared texts of a workbook, which are these members."""
    return Struck(_styles(archive, styles), _texts(archive, shared))


def _mentions(archive: Package, member: str) -> bool:
    return member in archive and any(b"strike" in piece for piece in pieces(archive, member))


def _styles(archive: Package, member: str) -> frozenset[int]:
    if not _mentions(archive, member):
        return frozenset()
    fonts: list[bool] = []
    styles: list[bool] = []
    inside = ""
    for name, attributes in elements(archive, member):
        if name in ("fonts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside = name
        elif name == "font" and inside == "fonts":
            fonts.append(False)
        elif name == "strike" and inside == "fonts" and fonts:
            fonts[-1] = attributes.get("val") not in _OFF
        elif name == "xf" and inside == "cellXfs":
            font = attributes.get("fontId", "0")
            styles.append(font.isdecimal() and int(font) < len(fonts) and fonts[int(font)])
    return frozenset(number for number, struck in enumerate(styles) if struck)


def _texts(archive: Package, member: str) -> dict[int, str]:
    if not _mentions(archive, member):
        return {}
    scan = _SharedTexts()
    with archive.open(member) as file:
        parse(file, scan.start, scan.end, scan.text)
    return scan.left


class _SharedTexts:
    """Collects what is left of the shared texts, one after the other."""

    def __init__(self) -> None:
        self.left: dict[int, str] = {}
        self._number = -1
        self._text = RichText()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._number, self._text = self._number + 1, RichText()
        self._text.start(name, attributes)

    def text(self, text: str) -> None:
        self._text.text(text)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si" and (left := self._text.left) is not None:
            self.left[self._number] = left
