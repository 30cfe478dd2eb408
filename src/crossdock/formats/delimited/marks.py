"""The marks between, around and in cells, as a feed names them: for all formats that have delimiters."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from crossdock.formats.format import Options

DELIMITERS = (",", ";", "\t", "|")
NO_QUOTE, DOUBLE = "none", '"'
MARK = r"[!-/:-@\[-`{-~]"
"""A character that may be around or in cells: ASCII, no letter, no digit, no blank."""


class MarkOptions(Options):
    """The options of every format whose cells have delimiters between them."""

    delimiter: Annotated[str, StringConstraints(pattern=r"^[ !#-~\t]$")] | None = Field(
        None, description="what stands between cells; else found among `,` `;` tab `|`"
    )
    quote: Annotated[str, StringConstraints(pattern=rf"^({MARK}|{NO_QUOTE})$")] = Field(
        DOUBLE, description="what stands around cells that hold a delimiter, in them twice; `none`: quotes are text"
    )
    escape: Annotated[str, StringConstraints(pattern=rf"^{MARK}$")] | None = Field(
        None, description="what stands before a quote, a delimiter or a line break that is text, such as `\\\\`"
    )
    short_rows: Literal["fail", "blank"] = Field(
        "fail", description="a row with fewer cells than the header fails, or lacks what is blank at its end"
    )

    @model_validator(mode="after")
    def _three_marks(self) -> Self:
        marks = [each for each in (self.delimiter, self.quote, self.escape) if each not in (None, NO_QUOTE)]
        if len(set(marks)) < len(marks):
            raise ValueError("delimiter, quote and escape must be three characters")
        return self
