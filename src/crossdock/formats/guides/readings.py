"""How what the paths of a column find is read: each word of a guide's ``how`` is one function (``Source.how``).

What can't be read as the guide says stays as sent, and the pipeline says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from crossdock.formats.edi.interchange import EDIFACT, X12
from crossdock.formats.guides import goods
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Path, Source, path_of
from crossdock.formats.guides.tree import Chain
from crossdock.formats.guides.values import DATED, DAY, Span, Values, offset_of
from crossdock.formats.guides.walk import Loop
from crossdock.frames.numerals import exact
from crossdock.schema.fields import CHECK

IGNORE = "ignore"
"""What is done with sets that are copies, or about another set: they are left out."""
PURPOSES = {
    X12: {
        **dict.fromkeys(("00", "06", "07", "14", "15"), "upsert"),
        **dict.fromkeys(("01", "03"), "cancel"),
        "04": "update",
        **dict.fromkeys(("05", "18"), "replace"),
        "22": IGNORE,
        **dict.fromkeys(("16", "24", "77"), CHECK),
    },
    EDIFACT: {
        **dict.fromkeys(("9", "6", "7", "35", "42", "43"), "upsert"),
        "1": "cancel",
        **dict.fromkeys(("4", "20"), "update"),
        "5": "replace",
        "31": IGNORE,
        **dict.fromkeys(("16", "53"), CHECK),
    },
}
"""Purposes of a set (X12 353, EDIFACT 1225) → what is done with it (contract edi.md §5); every other is none."""

REMEMBERED = 1_000
"""Of so many orders whose lines say something of them it is remembered what that is."""


@dataclass(frozen=True)
class Context:
    """Where values are looked for: the loops from the innermost outwards, the set, and its records' loops."""

    values: Values
    loops: Sequence[Loop]
    root: Loop
    standard: str
    chain: Chain | None = None
    others: Sequence[Sequence[Loop]] = ()

    def first(self, paths: Sequence[Path]) -> str:
        """The first value of some paths."""
        if self.chain is not None and self.chain.levels and any(path.level for path in paths):
            return next((text for path in paths for text in self._all(path)), "")
        return self.values.first(paths, self.loops)

    def numbers(self, paths: Sequence[Path]) -> list[Span]:
        """The different numbers of some paths of one level, each as where it begins and ends (``Values.numbers``)."""
        level = next((path.level for path in paths if path.level), "")
        loops = self.chain.at(level) if level and self.chain is not None else self.loops
        return self.values.numbers(paths, loops)

    def everywhere(self, paths: Sequence[Path]) -> list[Span]:
        """The different numbers of some paths in any loop of the set, as above."""
        loops = self.root.within() if paths else ()
        return list(dict.fromkeys(span for loop in loops for span in self.values.numbers(paths, [loop])))

    def all(self, paths: Sequence[Path]) -> list[str]:
        """Every value of some paths."""
        return [text for path in paths for text in self._all(path)]

    def _all(self, path: Path) -> Iterator[str]:
        loops = self.loops if self.chain is None or not path.level else self.chain.at(path.level)
        yield from self.values.around(path, loops)


def read(source: Source, context: Context) -> goods.Reading:
    """The value of a source, read as it says, and what is to be said of it."""
    if source.how.get("beyond"):
        context = replace(context, loops=[*context.loops, context.root])
    for name, wrong in GATES:
        if name in source.how and bool(context.first(list(map(_one, source.how[name])))) is wrong:
            return goods.Reading("")
    if "beside" in source.how and not context.first(list(map(_one, source.how["beside"]))):
        end = len(source.paths) - len(source.how["or"])
        sent = context.first(source.paths[end:])
        if sent and not context.first(source.paths[:end]):
            meant = f"a value that counts beside {', '.join(source.how['beside'])} only, which is not there"
            return goods.Reading("", goods.LEFT_OUT, meant, sent)
        source = replace(source, paths=source.paths[:end], how={**source.how, "or": ()})
    name = way_of(source)
    if "demanded" in source.how and not context.first(source.paths):
        return goods.Reading("", goods.MISSING if _is_demanded(source, context) else "")
    if "lines" in source.how:
        return _of_lines(source, context)
    if is_of_one(source):
        different = numbers(source, context)
        if len(different) > 1 or any(map(is_range, different)):
            if name and not _READINGS[name](source, context).text:
                return goods.Reading("")
            reading = several(different, "and there is room for one")
            return reading if "one" in source.how else left_out(reading)
        if not name:
            return goods.Reading(different[0][0]) if different else _of_package(source, context)
    return _READINGS.get(name, _plain)(source, context)


GATES = (("with", False), ("without", True))
"""Keys with paths that a source needs, or with which it doesn't count."""


def differing(source: Source, context: Context) -> list[str]:
    """The values from which a source takes the first, where they differ: of one qualifier, in one loop; or others of
    those that are looked for anywhere.
    """
    if "anywhere" in source.how:
        if not any(path.segment in loop.segments for path in source.paths for loop in context.loops):
            return []  # as most are
        first = _beside(source, context)
        further = context.everywhere([_one(text) for text in source.how["anywhere"]]) if len(first) == 1 else []
        spans = list(dict.fromkeys([*first, *further]))
        return [_written(each) for each in spans] if first and len(spans) > len(first) else []
    own = _beside_lines(source, context)
    if own:
        return own
    if not source.is_qualified or is_of_one(source) or way_of(source) not in OF_FIRST:
        return []
    loops = [*context.loops, context.root] if source.how.get("beyond") else context.loops
    for path in source.paths if any(each.segment == DATED for each in source.paths) else ():
        period = next(context.values.periods(path, loops), None)
        if period:
            return [*period]
    if "same" in source.how:
        alike = source.paths[: len(source.paths) - len(source.how.get("or", ()))]
        values = [(path.text, text[:DAY] if text[:DAY].isdigit() else text)
                  for path in alike for text in context.values.around(path, loops)]  # fmt: skip
        named = {text: f"{text} ({name})" for name, text in reversed(values)}
        return [named[text] for text in dict.fromkeys(text for _, text in values)] if len(named) > 1 else []
    for path in source.paths:
        for loop in loops if not path.level else ():
            different = list(dict.fromkeys(context.values.around(path, [loop])))
            if "day" in source.how:
                different = list(dict.fromkeys(each[:DAY] for each in different))
            if different:
                return different if len(different) > 1 and path.qualifiers and not path.loop and not path.beside else []
    return []


def _beside_lines(source: Source, context: Context) -> list[str]:
    """What the header says, and what its lines say otherwise; nothing where they don't."""
    text = context.first(source.paths) if "lines" in source.how else ""
    others = [each for each in _in_lines(source, context) if each and not text.startswith(each)] if text else []
    return [text, *dict.fromkeys(others)] if others else []


def repeated(source: Source, context: Context) -> tuple[str, list[str]]:
    """The segment and the values of the element that counts, where its segment stands several times and they differ."""
    loops = [*context.loops, context.root] if source.how.keys() & {"beyond", "nth"} else context.loops
    own = {path: context.chain.at(path.level) if path.level and context.chain else loops for path in source.paths}
    if all(len(loop.segments.get(path.segment, ())) < 2 for path in source.plain for loop in own[path]):
        return "", []  # as most are
    for path in source.paths:
        values = next(filter(None, context.values.by_loop(path, own[path])), [])
        if values:
            different = list(dict.fromkeys(values)) if path in source.plain else []
            return path.segment, different if len(different) > 1 else []
    return "", []


def _is_demanded(source: Source, context: Context) -> bool:
    """Whether a code beside a value says that it must be there."""
    return any(context.first([_one(path)]) in codes for path, codes in source.how["demanded"].items())


def is_of_one(source: Source) -> bool:
    """Whether there is room for one number only."""
    return "one" in source.how or "alike" in source.how


def numbers(source: Source, context: Context) -> list[Span]:
    """The different numbers of a source that means one, of the first paths that have some.

    ``one``, ``alike``: paths that mean the same; ``or``: paths that count one after the other, where those have no
    value; ``anywhere``: paths in all loops of the set, where none of these has one.
    """
    spans, everywhere = _beside(source, context), source.how.get("anywhere")
    return context.everywhere(list(map(_one, everywhere))) if everywhere and not spans else spans


def _beside(source: Source, context: Context) -> list[Span]:
    """As ``numbers``, without those that are looked for anywhere."""
    end = len(source.paths) - len(source.how.get("anywhere", ())) - len(source.how.get("alone", ()))
    own = end - len(source.how.get("or", ()))
    for paths in (source.paths[:own], *([each] for each in source.paths[own:end])):
        spans = context.numbers(paths)
        if "day" in source.how:
            spans = list(dict.fromkeys((first[:DAY], last[:DAY]) for first, last in spans))
        if spans:
            return spans
    return []


def carried(source: Source, context: Context) -> list[Span]:
    """The different numbers that the package of a record has, the nearest first; the record itself has none."""
    return next(filter(None, (context.numbers([path]) for path in _of_packages(source, context))), [])


def is_shared(source: Source, context: Context) -> bool:
    """Whether the package that has numbers holds other records, too."""
    paths = _of_packages(source, context)
    level = next((path.level for path in paths if context.numbers([path])), "")
    chain = context.chain
    return bool(level) and chain is not None and any(id(loop) in chain.shared for loop in chain.at(level)[:1])


def _of_packages(source: Source, context: Context) -> list[Path]:
    """The paths of packages around that may have numbers: mostly none."""
    chain, alone = context.chain, source.how.get("alone")
    if chain is None or not alone:
        return []
    paths = map(_one, alone)
    return [path for path in paths if any(path.segment in loop.segments for loop in chain.at(path.level))]


def _of_package(source: Source, context: Context) -> goods.Reading:
    """The number of the package of a record, where it holds no other."""
    different = carried(source, context)
    if different and is_shared(source, context):
        return left_out(several(different, "of a package with several items"))
    if len(different) > 1 or any(map(is_range, different)):
        return several(different, "and there is room for one")
    return goods.Reading(different[0][0] if different else "")


def is_range(span: Span) -> bool:
    """Whether it is more than a single number."""
    return span[0] != span[1]


def _written(span: Span) -> str:
    return ":".join(span) if is_range(span) else span[0]


def several(different: Sequence[Span], meant: str) -> goods.Reading:
    """Numbers where they can't be; ``meant`` says why."""
    values = "1 value" if len(different) == 1 else f"{len(different)} values"
    if any(map(is_range, different)):
        values = "a range of values" if len(different) == 1 else f"{values}, a range among them"
    return goods.Reading(", ".join(map(_written, different)), goods.SEVERAL, f"{values}, {meant}")


def left_out(reading: goods.Reading) -> goods.Reading:
    """Nothing, and what is said of several numbers none of which is right for all of a line."""
    return goods.Reading("", goods.LEFT_OUT, reading.meant, reading.text)


def way_of(source: Source) -> str:
    """The name of a source's reading, '' if its value is as it stands."""
    return next((name for name in source.how if name in _READINGS), "")


def as_sent(source: Source, codes: Collection[str], standard: str) -> Source:
    """The source, but that some codes stay as they are sent, whatever the guide makes of them."""
    how = {name: each for name, each in source.how.items() if name != "purpose"}
    if codes and "unit" in how:
        return replace(source, how=how | {"units": frozenset(codes)})
    table = PURPOSES[standard] if "purpose" in source.how else how.get("values")
    return (
        source
        if table is None or not codes
        else replace(source, how=how | {"values": {**table, **{each: each for each in codes}}})
    )


def _plain(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(context.first(source.paths))


def _valued(source: Source, context: Context) -> goods.Reading:
    sent = context.first(source.paths)
    return goods.Reading(source.how["values"].get(sent, source.how.get("rest", sent)))


def _purpose(source: Source, context: Context) -> goods.Reading:
    sent = context.first(source.paths)
    return goods.Reading(PURPOSES[context.standard].get(sent, sent))


def _all(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(source.how.get("join", "\n").join(context.all(source.paths)))


def _composed(source: Source, context: Context) -> goods.Reading:
    """The paths, joined; or what ``then`` finds, which is said where it is another value than the first of these."""
    first, *others = (context.first([path]) for path in source.paths)
    other = context.first(list(map(_one, source.how.get("then", ()))))
    text = source.how["join"].join([first or other, *(each for each in others if each.strip("0"))])
    differ = first and other not in ("", first, text)
    return goods.Reading(text, goods.FIRST, sent=f"{first}, {other}") if differ else goods.Reading(text)


def _unit(source: Source, context: Context) -> goods.Reading:
    sent = context.first(source.paths)
    paths = list(map(_one, source.how.get("alike_in", ())))
    units = [goods.unit(each, context.standard).text for each in context.all(paths)]
    if len(set(units)) > 1:
        return several([(each, each) for each in dict.fromkeys(units)], "and quantities of one item have one unit")
    return goods.Reading(sent) if sent in source.how.get("units", ()) else goods.unit(sent, context.standard)


def _price(source: Source, context: Context) -> goods.Reading:
    number, basis = context.values.number, context.first([_one(source.how["basis"])])
    sent = number(context.first(source.paths))
    if sent and "per" in source.how:
        theirs, counted = (context.first([_one(text)]) for text in source.how["per"])
        if theirs and goods.unit(theirs, context.standard).text != goods.unit(counted or "EA", context.standard).text:
            return goods.other_price(sent, theirs)
    counted = context.first([_one(source.how["counted"])]) if "counted" in source.how else ""
    if not goods.is_basis(basis) and (basis == counted or {basis, counted} <= goods.SINGLE):
        basis = ""  # the unit of the quantity, where a code of the basis belongs
    if sent and "pack" in source.how and goods.is_pack(pack := context.first([_one(source.how["pack"])])):
        return goods.price(sent, goods.BASES[pack]) if pack in goods.BASES else goods.other_price(sent, pack)
    return goods.price(sent, number(basis))


def _number(source: Source, context: Context) -> goods.Reading:
    number = context.values.number(context.first(source.paths))
    return goods.Reading(number.removeprefix("-") if source.how.get("unsigned") else number)


def _day(source: Source, context: Context) -> goods.Reading:
    """The day of a moment, CCYYMMDD."""
    return goods.Reading(context.first(source.paths)[:DAY])


def _sentence(source: Source, context: Context) -> goods.Reading:
    then = [path for text in source.how["then"] if (path := path_of(text)) is not None]
    parts = [each for each in (context.first(source.paths), context.first(then)) if each]
    return goods.Reading(source.how["say"] + ", ".join(parts) if parts else "")


def _else(source: Source, context: Context) -> goods.Reading:
    """The source, or the loop's own number where each of these loops holds one record."""
    sent = context.first(source.paths)
    other = path_of(source.how["else"])
    if sent or other is None:
        return goods.Reading(sent)
    if "unless" in source.how and context.first([_one(source.how["unless"])]):
        return goods.Reading("")
    loops = context.root.loops.get(other.segment, [])
    single = all(len(loop.loops.get(source.how["unique"], [])) == 1 for loop in loops)
    return goods.Reading(context.first([other]) if single else "")


def _packed(source: Source, context: Context) -> goods.Reading:
    """A quantity that is a package's: of an item in a package the item's, of an item that holds it its own."""
    chain = context.chain
    if chain is None or chain.package is None:
        return goods.Reading("")
    return _amount(source, replace(context, loops=[chain.package] if chain.holds else context.loops, chain=None))


def _loose(source: Source, context: Context) -> goods.Reading:
    """A quantity that is a line's: of an item that stands in no package."""
    chain = context.chain
    is_loose = chain is not None and (chain.package is None or chain.holds)
    return _amount(source, context) if is_loose else goods.Reading("")


def _amount(source: Source, context: Context) -> goods.Reading:
    """A quantity; ``number``: as its standard writes it."""
    return _number(source, context) if source.how.get("number") else _plain(source, context)


def _cartons(source: Source, context: Context) -> goods.Reading:
    """How many cartons the first segment says that counts some; other packages are none."""
    counts, name = [], source.how["cartons"]
    for segment in (each for loop in context.loops for each in loop.segments.get(name, ())):
        kind, count = (context.values.at(segment, spot) for spot in CARTONS_AT[name])
        if kind.startswith(CARTONS[name]):
            counts.append(count)
    different = list(dict.fromkeys(filter(None, counts)))
    code = goods.FIRST if len(different) > 1 else ""
    return goods.Reading(next(iter(counts), ""), code, sent=", ".join(different))


def _equipment(source: Source, context: Context) -> goods.Reading:
    """The number of a container, or of another vehicle, that a TD3 names."""
    for segment in (each for loop in context.loops for each in loop.segments.get(source.how["equipment"], ())):
        kind = context.values.at(segment, Spot(1))
        if (kind in CONTAINERS) is source.how["container"]:
            return goods.Reading(context.values.at(segment, Spot(2)) + context.values.at(segment, Spot(3)))
    return goods.Reading("")


def _looped(source: Source, context: Context) -> goods.Reading:
    """A count of lines that may be one of loops: the loops are counted, and so are those with an item."""
    sent = context.first(source.paths)
    loops = [loop for loop in context.root.loops.get(TREE, ()) if loop.first is not None]
    counts = {len(loops), sum(bool(loop.segments.get("LIN")) for loop in loops)}
    return goods.Reading("" if sent.isdigit() and int(sent) in counts else sent)


def _agreed(source: Source, context: Context) -> goods.Reading:
    """What the header says, else what all records say alike, else what ``then`` finds."""
    path = _one(source.how["agree"])
    own = [_valued_as(source, context.first(source.paths))]
    alike = {_valued_as(source, context.values.first([path], loops)) for loops in context.others}
    own += alike if len(alike) == 1 else ()
    own.append(context.first([_one(text) for text in source.how.get("then", ())]))
    return goods.Reading(next((text for text in own if text), ""))


def _of_lines(source: Source, context: Context) -> goods.Reading:
    """What the header says, else what all records say alike; where they differ, nothing, and what they say."""
    reading = _READINGS.get(way_of(source), _plain)(source, context)
    texts = () if reading.text else tuple(_in_lines(source, context))
    return of_records(texts) if any(texts) else reading


@lru_cache(REMEMBERED)
def of_records(texts: tuple[str, ...]) -> goods.Reading:
    """What records say of their header, of each what it says, '' for nothing: what all say alike; else nothing, and
    what they say.
    """
    different = [(each, each) for each in dict.fromkeys(texts) if each]
    if len(different) == 1 and all(texts):
        return goods.Reading(different[0][0])
    lines = "in some lines" if len(different) == 1 else "in its lines"
    return left_out(several(different, lines)) if different else goods.Reading("")


def _in_lines(source: Source, context: Context) -> list[str]:
    """What each record says of the header; nothing at all where none can."""
    if not any(is_in_lines(source, loops) for loops in context.others):
        return []
    records = (replace(context, loops=loops, others=()) for loops in context.others)
    return [_READINGS.get(way_of(source), _plain)(source, each).text for each in records]


def is_in_lines(source: Source, loops: Sequence[Loop]) -> bool:
    """Whether the loops of a record may say what a header's source lets lines say."""
    return "lines" in source.how and any(path.segment in loop.segments for path in source.paths for loop in loops)


def _valued_as(source: Source, sent: str) -> str:
    return str(source.how["values"].get(sent, "")) if "values" in source.how else sent


def _one(text: str) -> Path:
    path = path_of(text)
    if path is None:
        raise ValueError(f"{text!r} is no path")
    return path


def _moment(source: Source, context: Context) -> goods.Reading:
    """A day, and the time of day behind it, and its zone; a segment that says another day says no time of this one.

    ``whole``: without a time of day it is none.
    """
    day = context.first(source.paths)
    for path in map(_one, source.how["time"]):
        if not path.beside or context.first([replace(path, beside=0)]) in ("", day):
            time = context.first([path])
            if day and time:
                zone = context.first([replace(path, beside=path.beside + 1)]) if path.beside else ""
                offset = offset_of(zone, day, time)
                return goods.Reading(day + time + offset, goods.NO_ZONE if zone and not offset else "", zone)
    return goods.Reading("" if source.how.get("whole") else day)


def _sum(source: Source, context: Context) -> goods.Reading:
    """The sum of all values of the first path that has some; ``single``: each of its qualifiers has one."""
    for path in source.paths if source.how.get("single") else ():
        for each in path.qualifiers:
            different = context.numbers([replace(path, qualifiers=(each,))])
            if len(different) > 1:
                return several(different, "and there is room for one")
    sent = next((values for values in (context.all([path]) for path in source.paths) if values), [])
    return _summed(sent, source, context)


def _added(source: Source, context: Context) -> goods.Reading:
    return _summed(context.all(source.paths), source, context)


def _summed(sent: Sequence[str], source: Source, context: Context) -> goods.Reading:
    """The sum of values; the first as sent, where one is no number, and with its unit, where that is another one."""
    theirs, whole = (
        map(context.all, [[_one(text)] for text in source.how["measured"]]) if "measured" in source.how else ([], [])
    )
    other = next((each for each in theirs if each not in whole[:1]), "")
    numbers = [number for number in map(exact, map(context.values.number, sent)) if number is not None]
    if other or not sent or len(numbers) < len(sent):
        return goods.Reading(" ".join(filter(None, (next(iter(sent), ""), other))))
    return goods.Reading(f"{sum(numbers):f}")


def _which(source: Source, context: Context) -> goods.Reading:
    """The word that stands for the first path that is there."""
    words = zip(source.paths, source.how["as"], strict=True)
    return goods.Reading(next((word for path, word in words if context.first([path])), ""))


def _nth(source: Source, context: Context) -> goods.Reading:
    sent = replace(context, loops=[context.root]).first(source.paths)
    return goods.Reading(f"{sent}-{context.chain.place}" if sent and context.chain else sent)


def _signed(source: Source, context: Context) -> goods.Reading:
    """A quantity; one that goes out has a minus, whether or not it is written."""
    return goods.Reading(_with_sign(context.first(source.paths), source, context))


def _with_sign(sent: str, source: Source, context: Context) -> str:
    out = any(context.first([_one(text)]) in codes for text, codes in source.how.get("minus", {}).items())
    number = exact(sent)
    return f"-{sent}" if out and number is not None and number > 0 else sent


def _filled(source: Source, context: Context) -> goods.Reading:
    """What became of a line, by what is shipped and what is ordered."""
    shipped, ordered = (exact(context.first([path])) for path in source.paths)
    if shipped is None:
        return goods.Reading("")
    if shipped == 0 and context.first([_one(source.how["why"])]) in source.how["cancelled"]:
        return goods.Reading("CANCELLED")
    return goods.Reading("SHORT" if shipped < (ordered or 0) or shipped == 0 else "SHIPPED")


def _first_part(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(_cut(context.first(source.paths), source.how["first"])[0])


def _where(source: Source, context: Context) -> goods.Reading:
    """The value of the loops inside of the record's that are as the source says; several are too many."""
    inside = (loop for loops in context.loops[0].loops.values() for loop in loops)
    conditions = [(_one(text), allowed) for text, allowed in source.how["where"].items()]
    meant = [
        each for each in inside if all(context.values.first([path], [each]) in allowed for path, allowed in conditions)
    ]
    number = context.values.number
    texts = [
        _with_sign(number(text), source, replace(context, loops=[each], chain=None))
        for each in meant
        if (text := context.values.first(source.paths, [each]))
    ]
    if not texts:
        others = (context.numbers([_one(text)]) for text in source.how.get("then", ()))
        texts = [number(text) for text, _ in next(filter(None, others), [])]
    if len(texts) > 1:
        return several([(each, each) for each in texts], "and there is room for one")
    return goods.Reading("".join(texts))


def _rest(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(_cut(context.first(source.paths), source.how["behind"])[1])


def _cut(text: str, most: int) -> tuple[str, str]:
    """A text at its last blank up to so many letters, in two."""
    if len(text) <= most:
        return text, ""
    at = text.rfind(" ", 0, most + 1)
    return (text[:at], text[at + 1 :]) if at > 0 else (text[:most], text[most:])


CARTONS = {
    "TD1": ("CTN", "BOX", "CAS", "PCS", "PKG"),
    "PAC": ("CT", "BX", "CS", "PK", "XCT", "XBX", "XCS", "XPK"),
}
"""How the codes of packages (X12 103, EDIFACT 7065) begin that are cartons, by the segment that counts them."""
CARTONS_AT = {"TD1": (Spot(1), Spot(2)), "PAC": (Spot(3, 1), Spot(1))}
"""Where that segment says what it counts, and how many."""
CONTAINERS = ("CN", "20", "40", "2B", "4B", "CZ", "RC")
"""Codes of vehicles (40) that are containers."""
TREE = "HL"
ALIKE = frozenset(("", "all", "say", "else", "which", "compose"))
"""Readings that depend on which values are there, not on what they are; ``compose`` but for those behind the first."""
OF_ONE = frozenset(("values", "purpose", "unit", "number", "hash", "day", "first", "behind", "price"))
"""Readings that make something of one value, ``price`` by the codes of its basis."""
OF_FIRST = frozenset(("", "values", "number", "day", "price", "time"))
"""Readings that make something of the first value that is there."""
_READINGS: Mapping[str, Callable[[Source, Context], goods.Reading]] = {
    "agree": _agreed,
    "where": _where,
    "values": _valued,
    "purpose": _purpose,
    "all": _all,
    "compose": _composed,
    "unit": _unit,
    "price": _price,
    "hash": _number,
    "number": _number,
    "day": _day,
    "say": _sentence,
    "else": _else,
    "packed": _packed,
    "loose": _loose,
    "cartons": _cartons,
    "equipment": _equipment,
    "loops": _looped,
    "time": _moment,
    "sum": _sum,
    "added": _added,
    "which": _which,
    "nth": _nth,
    "signed": _signed,
    "filled": _filled,
    "first": _first_part,
    "behind": _rest,
}
