"""The unit: in what a quantity is measured, and whether it can be broken (contract A2).

Purpose: code, X12 355, UN/ECE Recommendation 20, decimals, title; about thirty are shipped, a master feed adds others.
Key: code. Cancel makes it unknown.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import ACTIONS, action, identifier, text, whole

HEADER = Level(
    title="header",
    table="units",
    key=("code",),
    fields=(
        identifier("code", 20, title="Unit", required=True),
        action(ACTIONS),
        identifier("x12", 10, title="X12 355"),
        identifier("rec20", 10, title="UN/ECE Rec 20"),
        whole("decimals", title="Decimals a quantity in it may have"),
        text("title"),
    ),
)

UNIT = Document(
    name="unit",
    title="Unit",
    about="In what a quantity is counted, and whether it can be broken.",
    levels=(HEADER,),
    report=Names("failedUnits", "code"),
    is_list=True,
    master=True,
    example={"code": "SPOOL", "x12": "SO", "rec20": "SO", "decimals": "0", "title": "Spool"},
)
