"""What each cell of a typed column must be: one list of checks for each field.

They are asked twice. ``in_doubt`` asks all cells at once, which costs little; pandera (``pipeline.validate``) gets the
cells in doubt, and finds which check each of them fails. pandera never coerces here: ``parse`` has made the types. A
check's ``error`` is the code of the failure, so no table is needed to turn a failure case into a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures import glyphs
from crossdock.schema import codes
from crossdock.schema.document import Document, Field, Kind, Level
from crossdock.schema.fields import NOTES_LENGTH
from crossdock.schema.roles import Role

TEXTS = (Kind.TEXT, Kind.ID, Kind.CODE)
SHORTENED = (7, 11)
"""The lengths, in digits, of a GTIN that has lost its leading zero."""
SSCC_DIGITS = 18
NO_VALUE = (
    *("nan", "NaN", "NAN", "<NA>", "NaT", "null", "NULL", "(null)", "[NULL]", "<NULL>", r"\N"),
    *("undefined", "[object Object]", "- None -", "(blank)", "(empty)", "<null>", "<none>", "<None>"),
    *("System.Object", "System.Object[]", "System.String[]", "System.Collections.Hashtable", "[null]"),
    *("System.Collections.Specialized.OrderedDictionary", "System.Management.Automation.PSCustomObject"),
    *("System.Collections.Generic.List`1[System.String]", "System.Collections.Generic.List`1[System.Object]"),
    *("Invalid Date", "Invalid date", "Loading...", "''", '""'),
)
"""What programs write where they have no value, or one that they can't write: pandas, JavaScript, databases, NetSuite,
pivot tables, PowerShell, Google Sheets."""
_DITTO = '^(- ?)?("|[\u2033\u3003\u201c-\u201e])( ?-)?$'
_DITTO_BEGINS = np.isin(np.arange(256), [*b'"- ', 0xE2, 0xE3])
OF_LABELS = ("lotNumber", "serialNumber")
"""Fields, besides the item, that labels of goods have."""
_LABEL_BEGINS = np.isin(np.arange(256), list(b"(]0"))
_UNWRITTEN_BEGINS = np.isin(np.arange(256), list(b"[{<#@$"))
_UNWRITTEN = (
    r"^(\[object [A-Z][A-Za-z]*\]|\[L[a-z][\w.]*;@[0-9a-f]+|@\{.*\}|\{\{.*\}\}|\$\{.*\}"
    r"|<.* at 0x[0-9a-fA-F]+>|#<[A-Z].*>)$"
)
"""What programs write for what they can't write: objects (JavaScript, Java, PowerShell, Python, Ruby), and templates
that nobody has filled (n8n, Zapier)."""
NO_ID = (
    *("None", "none", "(none)", "(None)", "N/A", "n/a", "N.A.", "n.a.", "k.A.", "TBD", "tbd", "TBA"),
    *("ditto", "Ditto", "DITTO", "dto."),
    *("-", "--", "---", "–", "—", ".", "?", "???"),
)
"""What programs and people write besides where an id is not known; in a text it may be meant."""
FLAGS = ("TRUE", "True", "true", "FALSE", "False", "false", "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO")
"""How spreadsheets and programs write a cell that says yes or no."""
_MONTH = "(Jan|Feb|Mar|Mrz|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez)"
_DAY = (
    rf"^([0-9]{{1,2}}(-|\. ?){_MONTH}|{_MONTH}[- ][0-9]{{2}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} 00:00:00"
    r"|[0-9]{1,2}[./][0-9]{1,2}[./](19|20)[0-9]{2})$"
)
_SHORTENED = r"^[0-9]+([.,][0-9]+)?E\+[0-9]+$"
_DAY_OF_TEXT = rf"{_DAY}|^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$"
"""In a text also the day that a cell of a sheet is; an id may be one."""
_AS_LONG_AS_A_DAY = pa.array([5, 6, 7, 8, 9, 10, 19], pa.int32())
_MARKS_BETWEEN = ",;|"
_BETWEEN = re.compile(f" *[{_MARKS_BETWEEN}] *")
_IS_BETWEEN = np.isin(np.arange(256), list(_MARKS_BETWEEN.encode()))
_FEWEST, _FEWEST_DIGITS = 2, 4
"""Letters and digits that each of several ids has, and digits where they have nothing else: 12,34 is a number."""
FEW = 64
"""Up to so many cells of a column are compared with values that have passed before."""
PASSED_KEPT = 256
"""About how many values of a field are remembered."""
SAMPLE, OFTEN = 1_000, 4
"""Where the first values are so many times fewer different ones, the checks are asked of these."""
_NONE = pd.DataFrame()
_ERROR = re.compile(
    r"#{3,}|#(?:N/A|NV|N/B|N/D|DIV/0!|¡DIV/0!|DEEL/0!|GETTING_DATA"
    r"|(?:REF|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|PYTHON)!|NAME\?"
    r"|(?:BEZUG|WERT|ZAHL|ÜBERLAUF|VALEUR|NOMBRE|NUL|VERW|WAARDE|GETAL|LEEG)!|(?:NOM|NAAM|¿NOMBRE)\?"
    r"|¡(?:REF|VALOR|NUM|NULO)!"
    r"|N/D!|(?:VALORE|RIF|NULLO|VALOR|NULO|ARG|ADR|LICZBA|ZERO|REFERENS|VÄRDEFEL|OGILTIGT|SAKNAS|VÆRDI|REFERENCE|VERDI)!"
    r"|I/T|(?:NOME|NAZWA|NAMN|NAVN)\?|ERROR!|Н/Д|(?:ЗНАЧ|ССЫЛКА|ЧИСЛО)!|ИМЯ\?|YOK|(?:DEĞER|BAŞV|SAYI)!|AD\?)"
    r"|Err:5[0-9]{2}"
)
"""What a spreadsheet shows for an error (in English, German, French, Spanish, Dutch, Italian, Portuguese, Polish,
Swedish, Danish, Norwegian, Russian, Turkish; LibreOffice, Google Sheets), and where a column is too narrow: as a CSV it
writes what it shows."""


_IS_WEB_MARK = np.isin(np.arange(256), list(glyphs.WEB_MARKS.encode()))
_HAS_WEB_MARK = f"[{re.escape(glyphs.WEB_MARKS)}]"


@dataclass(frozen=True)
class CellCheck:
    """One check of a cell: the ``code`` of the failure, and the function that tells which values of a column pass.

    ``passes``: an Arrow array of the field's type → bool; what it returns for a null has no meaning.
    """

    code: str
    passes: Callable[[pa.Array], pa.Array]

    def fails(self, values: pa.Array) -> np.ndarray:
        """Which values fail, bool; a null doesn't."""
        passed = self.passes(values)
        if values.null_count:
            passed = pc.or_(passed.fill_null(True), values.is_null())
        return ~passed.to_numpy(zero_copy_only=False)


def checks(field: Field, *, signed: bool, units: Iterable[str] = ()) -> tuple[CellCheck, ...]:
    """The checks of one field; ``signed`` allows a negative number, ``units`` are known besides the shipped ones."""
    field_checks: list[CellCheck] = []
    if field.kind in TEXTS:
        field_checks += _of_texts(field)
    if field.kind in TEXTS and field.length is not None:
        field_checks.append(CellCheck("too_long", _at_most(field.most or field.length)))
        if field.keep_longer and field.codes is None:
            field_checks.append(CellCheck("longer_than_usual", _at_most(field.length)))
    if field.above is not None:
        field_checks.append(CellCheck("too_small", _compared(pc.greater, field.above)))
    if field.least is not None and not signed:
        field_checks.append(CellCheck("negative", _compared(pc.greater_equal, field.least)))
    if field.nonzero:
        field_checks.append(CellCheck("zero", _compared(pc.not_equal, 0)))
    if field.values:
        field_checks.append(CellCheck("not_allowed", _one_of(field.values)))
    field_checks += _of_codes(field, units)
    if field.codes == "gln":
        field_checks.append(CellCheck("wrong_check_digit", _right_gln))
    if field.kind is Kind.ID and field.codes in (None, "gln", "gtin", "sscc"):
        field_checks.append(CellCheck("scientific_id", _not_scientific))
    if field.kind is Kind.ID and field.codes in (None, "gln"):
        field_checks += [CellCheck("like_a_date", _no_day(_DAY)), CellCheck("look_alike", _as_it_looks)]
        field_checks.append(CellCheck("several_in_cell", _one_id))
    if field.kind is Kind.TEXT or (field.kind is Kind.ID and field.codes in (None, "gln")):
        field_checks.append(CellCheck("like_a_flag", _none_of_these(FLAGS)))
    return tuple(field_checks)


def _of_texts(field: Field) -> list[CellCheck]:
    """The checks of what programs write into any text, and of what spreadsheets make of short ones that are no ids."""
    words = (*NO_VALUE, *NO_ID) if field.kind is Kind.ID else NO_VALUE
    field_checks = [
        CellCheck("error_cell", _no_error),
        CellCheck("ditto_mark", lambda values: pc.invert(are_ditto(values))),
        CellCheck("means_nothing", _says_something(words)),
        CellCheck("web_code", _no_web_code),
        CellCheck("garbled_text", _not_garbled),
    ]
    if field.kind is Kind.ID and (field.role in (Role.ITEM, Role.THEIRS) or field.name in OF_LABELS):
        field_checks.append(CellCheck("label_text", _no_label))
    if field.kind is not Kind.ID and field.codes is None and field.length != NOTES_LENGTH:
        field_checks.append(CellCheck("scientific_text", _not_shortened))
        field_checks.append(CellCheck("like_a_date", _no_day(_DAY_OF_TEXT)))
    return field_checks


def _of_codes(field: Field, units: Iterable[str]) -> list[CellCheck]:
    """The checks of a field whose values are those of a list, or have a check digit."""
    if field.codes == "gtin":
        return [CellCheck("not_a_gtin", _gtin), CellCheck("wrong_check_digit", _right_check_digit)]
    if field.codes == "sscc":
        return [CellCheck("not_an_sscc", _sscc), CellCheck("wrong_sscc", _right_sscc)]
    if field.codes == "country":
        wrong = "unknown_code" if field.keep_longer else "not_a_country"
        return [CellCheck(wrong, _one_of(codes.countries()))]
    if field.codes == "currency":
        return [CellCheck("not_a_currency", _one_of(codes.currencies()))]
    if field.codes in codes.LISTS:
        listed = [*codes.LISTS[field.codes](), *(units if field.codes == "unit" else ())]
        return [CellCheck("unknown_code", _one_of(listed))]
    return []


def _at_most(length: int) -> Callable[[pa.Array], pa.Array]:
    return lambda values: pc.less_equal(pc.utf8_length(values), length)


def _compared(comparison: Callable[[pa.Array, pa.Scalar], pa.Array], bound: object) -> Callable[[pa.Array], pa.Array]:
    return lambda values: comparison(values, pa.scalar(bound, values.type))


def _one_of(listed: Iterable[str]) -> Callable[[pa.Array], pa.Array]:
    among = pa.array(list(listed), pa.string())
    return lambda values: pc.is_in(values, among)


def _none_of_these(words: Iterable[str]) -> Callable[[pa.Array], pa.Array]:
    among = _one_of(words)
    return lambda values: pc.invert(among(values))


def _matches(values: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(values, pattern)


def _none_of(values: pa.Array, candidates: pa.Array, wrong: Callable[[str], bool]) -> pa.Array:
    """Which values are no ``candidates`` (bool) that are ``wrong``; each distinct one is looked at once."""
    distinct = values.filter(candidates).unique().to_pylist()
    return pc.invert(pc.is_in(values, pa.array([value for value in distinct if wrong(value)], pa.string())))


def _of_length(values: pa.Array, lengths: Iterable[int]) -> pa.Array:
    """Which values are digits alone, as many as one of ``lengths``."""
    digits = _matches(values, "^[0-9]+$")
    return pc.and_(digits, pc.is_in(pc.utf8_length(values), pa.array(list(lengths), pa.int32())))


def _right_check_digit(values: pa.Array) -> pa.Array:
    numbers = _of_length(values, (*codes.GTIN_LENGTHS, *SHORTENED))
    return _none_of(values, numbers, lambda value: codes.gtin_hint(value) is not None)


def _gtin(values: pa.Array) -> pa.Array:
    """8, 12, 13 or 14 digits; one less if just a zero was lost. Scientific notation has its own code."""
    whole = _of_length(values, codes.GTIN_LENGTHS)
    short = _of_length(values, SHORTENED)
    lost = pc.and_(short, _none_of(values, short, lambda value: codes.check_digit(value[:-1]) != value[-1]))
    return pc.or_(pc.or_(whole, lost), pc.invert(_not_scientific(values)))


def _sscc(values: pa.Array) -> pa.Array:
    return pc.or_(_of_length(values, (SSCC_DIGITS,)), pc.invert(_not_scientific(values)))


def _right_sscc(values: pa.Array) -> pa.Array:
    """Each carton has one of its own, so they are computed together, as rows of digits."""
    numbers = values.filter(_of_length(values, (SSCC_DIGITS,)))
    written = np.frombuffer("".join(numbers.to_pylist()).encode(), np.uint8)
    digits = written.reshape(-1, SSCC_DIGITS).astype(np.int64) - ord("0")
    wrong = -(digits[:, :-1] @ codes.weights(SSCC_DIGITS - 1)) % 10 != digits[:, -1]
    return pc.invert(pc.is_in(values, numbers.filter(pa.array(wrong))))


def _right_gln(values: pa.Array) -> pa.Array:
    """A party's identifier of 13 digits is a GLN (contract A2)."""
    return _none_of(values, _of_length(values, (13,)), lambda value: codes.gtin_hint(value) is not None)


def _no_error(values: pa.Array) -> pa.Array:
    suspects = pc.or_(pc.starts_with(values, "#"), pc.starts_with(values, "Err:"))
    if not pc.any(suspects).as_py():
        return pc.invert(suspects)
    return _none_of(values, suspects, lambda value: _ERROR.fullmatch(value) is not None)


def _no_label(values: pa.Array) -> pa.Array:
    """Scanners write a label's text as it is, into the cell of the item, the lot or the serial number."""
    if not _LABEL_BEGINS[_first_bytes(values)].any():
        return pa.repeat(True, len(values))
    suspects = _matches(values, r"^(\]|\([0-9]{2,4}\)|01[0-9]{14}[12])")
    return _none_of(values, suspects, lambda value: bool(codes.label_parts(value)))


def _no_web_code(values: pa.Array) -> pa.Array:
    if not _have_any(values, _IS_WEB_MARK):
        return pa.repeat(True, len(values))
    suspects = _matches(values, _HAS_WEB_MARK)
    return _none_of(values, suspects, lambda value: glyphs.without_web_codes(value) != value)


def _have_any(values: pa.Array, sought: np.ndarray) -> bool:
    """Whether a byte of the texts, or of what stands beside them in memory, is one of those; ``sought``: of each byte
    whether it is, bool.
    """
    data = values.buffers()[2]
    return data is not None and bool(sought[np.frombuffer(data, np.uint8)].any())


def _not_garbled(values: pa.Array) -> pa.Array:
    """Of ASCII alone nothing is asked."""
    plain = pc.string_is_ascii(values)
    if pc.all(plain).as_py() is not False:
        return plain
    suspects = _matches(values, glyphs.GARBLES)
    return _none_of(values, suspects, lambda value: glyphs.LOST in value or glyphs.ungarbled(value) != value)


def _says_something(words: Iterable[str]) -> Callable[[pa.Array], pa.Array]:
    """Which values are none of these words, and no object or template that a program could not write."""
    none_of_these = _none_of_these(words)

    def passes(values: pa.Array) -> pa.Array:
        passed, begins = none_of_these(values), _UNWRITTEN_BEGINS[_first_bytes(values)]
        if not begins.any():
            return passed
        return pc.and_not(passed, _matches(values, _UNWRITTEN))

    return passes


def are_ditto(values: pa.Array) -> pa.Array:
    """Which texts are a mark that people write for what stands in the row above.

    >>> are_ditto(pa.array(['"', "\u3003", '-"-', '5"', '""', "-"])).to_pylist()
    [True, True, True, False, False, False]
    """
    if not _DITTO_BEGINS[_first_bytes(values)].any():
        return pa.array(np.zeros(len(values), dtype=bool))
    return pc.fill_null(_matches(values, _DITTO), False)


def _first_bytes(values: pa.Array) -> np.ndarray:
    """The first byte of each value; where one is blank or null, that of another."""
    _, offsets, data = values.buffers()
    if data is None or not data.size:
        return np.zeros(0, dtype=np.uint8)
    starts = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values)]
    return np.frombuffer(data, dtype=np.uint8)[np.minimum(starts, data.size - 1)]


def _not_scientific(values: pa.Array) -> pa.Array:
    """Spreadsheets write a long number as 1.23E+11 (hostile_inputs.md)."""
    return pc.invert(_matches(values, r"^[0-9]+([.,][0-9]+[eE][+-]?|[eE]\+)[0-9]+$"))


def _not_shortened(values: pa.Array) -> pa.Array:
    """Spreadsheets write the exponent of a long number with a capital and a plus."""
    suspects = pc.match_substring(values, "E+")
    return pc.invert(_matches(values, _SHORTENED) if pc.any(suspects).as_py() else suspects)


def _no_day(pattern: str) -> Callable[[pa.Array], pa.Array]:
    """Spreadsheets make a day of a text such as 1-5, and write it as 05-Jan or May-01 (German: 05. Jan, Mai 01).
    Programs that read such a cell write its midnight.
    """

    def passes(values: pa.Array) -> pa.Array:
        as_long = pc.is_in(pc.binary_length(values), _AS_LONG_AS_A_DAY)
        return pc.invert(_matches(values, pattern) if pc.any(as_long).as_py() else as_long)

    return passes


def _as_it_looks(values: pa.Array) -> pa.Array:
    """Ids without characters that a person takes for others. Of ASCII alone nothing is asked; which digits an id has
    makes no difference, so few distinct ones are looked at.
    """
    plain = pc.string_is_ascii(values)
    if pc.all(plain).as_py() is not False:
        return plain
    alike = pc.replace_substring_regex(values, "[0-9]+", "0")
    return _none_of(alike, _matches(alike, glyphs.STRANGE), lambda value: bool(glyphs.strange(value)))


def _one_id(values: pa.Array) -> pa.Array:
    """Ids that are one: no list of several that are written alike, such as ``SN-1001, SN-1002``."""
    if not _have_any(values, _IS_BETWEEN):
        return pa.repeat(True, len(values))
    suspects = _matches(values, f"[{_MARKS_BETWEEN}]")
    return _none_of(values, suspects, _is_list)


def _is_list(value: str) -> bool:
    parts = _BETWEEN.split(value.strip(" ,;|"))
    shapes = {re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", each)) for each in parts}
    shape = next(iter(shapes))
    long_enough = len(shape) >= (_FEWEST_DIGITS if shape.strip("0") == "" else _FEWEST)
    return len(parts) > 1 and len(shapes) == 1 and long_enough


class FieldChecks:
    """The checks of one field. Of few cells it remembers the values that pass: small drops bring the same units, items
    and addresses again, and a check of one cell costs as much as one of a thousand.
    """

    def __init__(self, field_checks: tuple[CellCheck, ...]) -> None:
        self.checks = field_checks
        self._passed: set[object] = set()

    def failing(self, values: pa.Array) -> np.ndarray | None:
        """Which values fail a check, bool; None where none does."""
        if len(values) > FEW:
            return self._of_distinct(values) if _repeats(values) else self._of_values(values)
        few = set(values.to_pylist())
        if few <= self._passed:
            return None
        failing = self._of_values(values)
        if failing is None:
            if len(self._passed) > PASSED_KEPT:
                self._passed.clear()
            self._passed |= few
        return failing

    def _of_values(self, values: pa.Array) -> np.ndarray | None:
        failing = None
        for check in self.checks:
            failed = check.fails(values)
            if failed.any():
                failing = failed if failing is None else failing | failed
        return failing

    def _of_distinct(self, values: pa.Array) -> np.ndarray | None:
        encoded = values.dictionary_encode(null_encoding="encode")
        failing = self._of_values(encoded.dictionary)
        return None if failing is None else failing[encoded.indices.to_numpy()]


def _repeats(values: pa.Array) -> bool:
    """Whether each value of a column seems to stand there several times, by the first ones."""
    return len(values[:SAMPLE].unique()) * OFTEN < min(len(values), SAMPLE)


@cache
def checks_of(document: Document, level: Level, signed: bool, units: frozenset[str]) -> dict[str, FieldChecks]:
    """The checks of the fields of a level, by qualified name.

    ``signed``: the amounts of lines may be negative (the feed's ``negative_amounts``).
    """
    free = signed and level is not document.header
    return {
        name: FieldChecks(checks(field, signed=free and field.kind is Kind.MONEY, units=units))
        for name, field in document.of(level).items()
    }


def in_doubt(
    cells: Mapping[str, pa.Array],
    lines: np.ndarray,
    document: Document,
    level: Level,
    signed: bool,
    units: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """The part of a level's typed columns in which a check fails: those rows, by their line, and those columns.

    A required column may have no null. Columns that are not the level's are left out. ``units``: known besides the
    shipped ones.
    """
    fields, of_level = document.of(level), checks_of(document, level, signed, units)
    rows, doubtful = np.zeros(len(lines), dtype=bool), {}
    for name, column in cells.items():
        if name not in fields:
            continue
        failing = _failing(column, of_level[name], needed=fields[name].required)
        if failing is not None:
            doubtful[name] = pd.Series(pd.arrays.ArrowExtensionArray(column), index=pd.Index(lines, name="line"))
            rows |= failing
    return pd.DataFrame(doubtful).loc[rows] if doubtful else _NONE


def _failing(values: pa.Array, of_field: FieldChecks, *, needed: bool) -> np.ndarray | None:
    """Which values fail a check, or are lacking, bool; None where none does."""
    lacking = values.is_null().to_numpy(zero_copy_only=False) if needed and values.null_count else None
    if values.null_count == len(values):
        return lacking
    failing = of_field.failing(values)
    return failing if lacking is None else lacking if failing is None else lacking | failing


def assert_types(cells: Mapping[str, pa.Array], document: Document, level: Level) -> None:
    """Raise ``TypeError`` if a column hasn't the Arrow type of its field.

    That is a bug of ours: pandera would report every row.
    """
    fields = document.of(level)
    for name, column in cells.items():
        if name in fields and column.type != fields[name].arrow:
            raise TypeError(f"{name} is {column.type}, not {fields[name].arrow}")
