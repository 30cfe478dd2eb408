"""Numbers as partners write them: each spelling is read as what was written, and never as another number."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.frames.numerals import GROUPS, PERCENT, SIGNS, Spelling, shift

EURO = Spelling(",", ".", currency="EUR", parentheses=True)


def read(spelling: Spelling, text: str) -> str | None:
    return spelling.read(pa.array([text]))[0][0].as_py()


def code(spelling: Spelling, text: str) -> str:
    _, wrong = spelling.read(pa.array([text]))
    return wrong[0][0] if wrong else ""


@pytest.mark.parametrize(
    ("spelling", "text", "number"),
    [
        (Spelling(), "12-", "-12"), (Spelling(), "12 -", "-12"), (Spelling(), "−12", "-12"), (Spelling(), "12−", "-12"),
        (Spelling(), "- 12", "-12"), (Spelling(), ".5-", "-0.5"), (Spelling(), "+12", "12"), (Spelling(), "-0.00", "0"),
        (Spelling(",", "."), "1.012,000-", "-1012"), (Spelling(",", "."), "12,500-", "-12.5"),
        (Spelling(",", " "), "1\u00a0234,5", "1234.5"), (Spelling(",", " "), "1\u202f234\u2009567", "1234567"),
        (Spelling(".", "'"), "1’234’567.50", "1234567.5"), (Spelling(".", "'"), "1'234’567", "1234567"),
        (Spelling(".", ",", "indian"), "-12,34,567.89", "-1234567.89"), (Spelling(".", ",", "indian"), "1,234", "1234"),
        (EURO, "1.234,50 €", "1234.5"), (EURO, "€1.234,50", "1234.5"), (EURO, "eur 5", "5"), (EURO, "5\u00a0EUR", "5"),
        (EURO, "-€ 5", "-5"), (EURO, "€ -5", "-5"), (EURO, "5,00- €", "-5"), (EURO, "5,00 €-", "-5"),
        (EURO, "(5)", "-5"), (EURO, "(€ 5)", "-5"), (EURO, "€(5)", "-5"), (EURO, "(1.234,5) €", "-1234.5"),
        (Spelling(currency="CHF"), "Fr. 5", "5"), (Spelling(currency="CAD"), "$5", "5"),
        (Spelling(currency="USD"), "US$5", "5"), (Spelling(currency="XTS"), "5 XTS", "5"),
        (Spelling(percent="hundredths"), "12.5 %", "0.125"), (Spelling(percent="hundredths"), "-5%", "-0.05"),
        (Spelling(percent="number"), "12.5 %", "12.5"), (Spelling(percent="number"), "12", "12"),
        (Spelling(percent="hundredths"), "12", "12"), (Spelling(percent="hundredths", parentheses=True), "(5 %)", "-0.05"),
        (Spelling(bare=True), "-12.50", "-12.5"), (Spelling(bare=True), ".5", "0.5"), (Spelling(bare=True), "5.", "5"),
        (Spelling(bare=True, parentheses=True), "(5)", "-5"), (Spelling(bare=True, percent="number"), "5 %", "5"),
    ],
)  # fmt: skip
def test_one_meaning_other_spelling_is_read_right(spelling: Spelling, text: str, number: str) -> None:
    assert read(spelling, text) == number


@pytest.mark.parametrize(
    ("spelling", "text", "why"),
    [
        (Spelling(), "1,234", "ambiguous_number"), (Spelling(), "1,234-", "ambiguous_number"),
        (Spelling(","), "-1.234", "ambiguous_number"), (Spelling(","), "5,-", "ambiguous_number"),
        (Spelling("."), "5.-", "ambiguous_number"), (EURO, "5,- €", "ambiguous_number"),
        (Spelling(), "100+", "ambiguous_number"), (Spelling(), "12.5 +", "ambiguous_number"), (EURO, "5+ €", "ambiguous_number"),
        (Spelling(), "--5", "not_a_number"), (Spelling(), "-5-", "not_a_number"), (Spelling(), "(5)", "not_a_number"),
        (Spelling(), "12 %", "not_a_number"), (Spelling(), "5 €", "not_a_number"), (Spelling(), "–5", "not_a_number"),
        (Spelling(), "1 234", "not_a_number"), (Spelling(), "5 -3", "not_a_number"), (Spelling(), "٣", "not_a_number"),
        (Spelling(), "12 CR", "not_a_number"), (Spelling(), "-", "not_a_number"), (Spelling(), "1e3", "not_a_number"),
        (Spelling(",", " "), "1 23", "not_a_number"), (Spelling(",", " "), "1  234", "not_a_number"),
        (Spelling(",", "."), "0.123", "not_a_number"), (Spelling(".", "'"), "1′234", "not_a_number"),
        (Spelling(".", ",", "indian"), "1,234,567", "not_a_number"), (Spelling(".", ","), "12,34,567", "not_a_number"),
        (EURO, "5 USD", "other_currency"), (EURO, "$5", "other_currency"), (EURO, "5 € EUR", "not_a_number"),
        (EURO, "€ 5 €", "not_a_number"), (EURO, "€", "not_a_number"), (EURO, "(-5)", "not_a_number"),
        (EURO, "(5", "not_a_number"), (EURO, "-(5)", "not_a_number"), (Spelling(currency="CAD"), "US$5", "other_currency"),
        (Spelling(currency="USD"), "R$5", "other_currency"), (Spelling(percent="number"), "5 %%", "not_a_number"),
        (Spelling(percent="number"), "5 ‰", "not_a_number"), (EURO, "-£1,50", "other_currency"),
        (EURO, "1,50- Kč", "other_currency"), (EURO, "$1.50", "not_a_number"), (Spelling(), "$5", "not_a_number"),
        (Spelling(), "5 EA", "unit_beside"), (Spelling(), "12.5kg", "unit_beside"), (Spelling(), "-3 pcs.", "unit_beside"),
        (Spelling(), "5 M", "unit_beside"), (Spelling(), "5x", "not_a_number"), (Spelling(), "5 x 12", "not_a_number"),
        (Spelling(","), "1,5 Stück", "unit_beside"), (Spelling(), "1,5 Stück", "not_a_number"), (Spelling(), "12O", "not_a_number"),
        (Spelling(), "ca. 12", "not_a_number"), (Spelling(), "5 EUR", "not_a_number"),
         (Spelling(bare=True), "+5", "not_a_number"), (Spelling(bare=True), "5+", "not_a_number"),
         (Spelling(bare=True), "5-", "not_a_number"), (Spelling(bare=True), "- 5", "not_a_number"),
         (Spelling(bare=True), "−5", "not_a_number"), (Spelling(bare=True), "1E3", "not_a_number"),
         (Spelling(bare=True), "(5)", "not_a_number"), (Spelling(bare=True), "1,000", "ambiguous_number"),
    ],
)  # fmt: skip
def test_what_may_mean_two_numbers_or_none_is_a_failure(spelling: Spelling, text: str, why: str) -> None:
    assert (read(spelling, text), code(spelling, text)) == (None, why)


@pytest.mark.parametrize(
    ("spelling", "example"),
    [(Spelling(), "1234.56"), (Spelling(",", "."), "1.234,56"), (Spelling(",", " "), "1 234,56"),
     (Spelling(".", "'"), "1'234.56"), (Spelling(".", ",", "indian"), "12,34,567.89")],
)  # fmt: skip
def test_the_hint_is_a_number_that_would_be_right(spelling: Spelling, example: str) -> None:
    assert spelling.example == example
    assert code(spelling, example) == ""


BLANKS = st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009"])
numbers = st.decimals(min_value=-(10**15), max_value=10**15, places=4)
spellings = st.builds(
    Spelling,
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", ".", ",", " ", "'"]),
    grouping=st.sampled_from(sorted(GROUPS)),
    parentheses=st.booleans(),
    percent=st.sampled_from(["fail", *PERCENT]),
    currency=st.sampled_from(["", "XTS", *SIGNS]),
).filter(lambda spelling: spelling.decimal != spelling.thousands)


def written(number: Decimal, spelling: Spelling, draw: st.DataObject) -> tuple[str, Decimal]:
    """A number in one of the ways that a spelling allows, and what it means by them."""
    whole, _, part = f"{abs(number):f}".partition(".")
    text = spelling.written(whole, part)
    for mark, others in ((" ", "\u00a0\u202f\u2009\u3000"), ("'", "’")):
        if spelling.thousands == mark:
            text = text.replace(mark, draw.draw(st.sampled_from(mark + others)))
    if spelling.percent in PERCENT and draw.draw(st.booleans()):
        text, number = text + draw.draw(BLANKS) + "%", number.scaleb(PERCENT[spelling.percent])
    tokens = [spelling.currency, *SIGNS.get(spelling.currency, ())] if spelling.currency else [""]
    token, ahead = draw.draw(st.sampled_from(tokens)), draw.draw(st.booleans())

    def named(inner: str) -> str:
        return f"{token}{draw.draw(BLANKS)}{inner}" if ahead else f"{inner}{draw.draw(BLANKS)}{token}"

    if number >= 0:
        return named(text), number
    minus = draw.draw(st.sampled_from("-−"))
    ways = [f"{minus}{draw.draw(BLANKS)}{named(text)}", named(minus + text), named(text + minus)]
    ways += [f"({named(text)})", named(f"({text})")] if spelling.parentheses else []
    return draw.draw(st.sampled_from(ways)), number


@given(numbers, spellings, st.data())
def test_a_number_that_is_written_in_a_spelling_is_read_back(
    number: Decimal, spelling: Spelling, data: st.DataObject
) -> None:
    text, meant = written(number, spelling, data)
    value = read(spelling, text.strip())
    assert value is not None, text
    assert Decimal(value) == meant, text


@given(st.decimals(min_value=1000, max_value=10**12, places=2), spellings, spellings)
def test_another_convention_is_a_failure_or_the_same_number(number: Decimal, theirs: Spelling, ours: Spelling) -> None:
    """A number of two decimals that is written another way is never a different number.

    A mark that one takes for the point and the other for a group is the one thing that no reader can see: then the
    digits behind the last mark tell, which are three in no number of two decimals.
    """
    whole, _, part = f"{number:f}".partition(".")
    value = read(ours, theirs.written(whole, part))
    assert value is None or Decimal(value) == number


@given(st.integers(min_value=1, max_value=10**12), spellings)
def test_three_digits_behind_the_other_mark_are_never_taken_without_a_word(number: int, theirs: Spelling) -> None:
    """Without a grouping mark of the feed's own nothing is grouped: 1,234 is not read as one or the other."""
    for ours in (Spelling("."), Spelling(",")):
        text = theirs.written(str(number))
        value = read(ours, text)
        if theirs.thousands in ours.decimal and number >= 1000:  # its own point: the feed says so
            continue
        assert value is None or Decimal(value) == number


@given(st.text(alphabet="0123456789.,'-+ ()%€$’−\u202f", max_size=12), spellings)
def test_any_text_is_a_number_of_ours_or_a_failure(text: str, spelling: Spelling) -> None:
    values, wrong = spelling.read(pa.array([text]))
    assert (values[0].as_py() is None) == (0 in wrong)
    if 0 not in wrong:
        assert f"{Decimal(values[0].as_py()):f}" == values[0].as_py()
        digits = [each for each in text if each.isdigit()]
        assert "".join(digits).strip("0") == values[0].as_py().lstrip("-").replace(".", "").strip("0")


@given(st.decimals(min_value=-(10**30), max_value=10**30, places=6), st.integers(min_value=-9, max_value=9))
def test_moving_the_point_loses_no_digit(number: Decimal, places: int) -> None:
    assert Decimal(shift(f"{number:f}", places)) == Decimal(f"{number}E{places}")
