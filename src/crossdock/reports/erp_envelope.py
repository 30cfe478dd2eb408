"""The ERP's own answers (contracts/erp.md §1.2, §2.1): the envelope of ``SO/Add`` and ``SO/Get``, exact to the key.

There is no session here, so ``SessionId`` is null, as in the ERP's own writes. What the ERP has and we don't have
(invoices, taxes, work orders) is blank in the ERP's way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from crossdock.database import Database, read_documents
from crossdock.database.read_documents import Shown
from crossdock.model.job import DocumentOutcome, FailureRecord, JobRecord
from crossdock.reports import acknowledgement
from crossdock.reports.wording import Wording, wording_of
from crossdock.schema.relations import CANCELLED

ADDED, EDITED = "Sales Order added successfully.", "Sales Order edited successfully."
ADD_FAILED = "Sales Order add failed."
DETAILS, NOT_FOUND, NO_CUSTOMER = "Sales Order details:", "Sales Order does not exists.", "Customer does not exists."
OK, FAILED = 200, 403
BLANK = " "

HEADER: tuple[tuple[str, str | object], ...] = (
    ("SONO", "soNo"), ("BLINKADD", "blinkAdd"), ("SLINKADD", "slinkAdd"), ("CUSTNO", "custNo"), ("SHIPNO", ()),
    ("ORDERDATE", "orderDate"), ("TMPACK", False), ("TMPACKDT", None), ("TMPACKINIT", ()), ("POACK", "POAck"),
    ("POACKDT", None), ("POACKINIT", ()), ("PORECEIV", False), ("POREINIT", ()), ("POREDT", None), ("PONO", "PoNo"),
    ("CUSTWONO", ()), ("SONOTE", "SONote"), ("ORDPASSWD", ()), ("FOB", "FOB"), ("SHIPVIA", "ShipVia"),
    ("SHIPCHARGE", "shipCharge"), ("IS_CLOSED", False), ("DATECHG", None), ("SOFOOT", "SoFoot"), ("ORD_TYPE", "state"),
    ("DELIV_TIME", "DELIV_TIME"), ("DELIV_AMPM", ()), ("BUYER", "Buyer"), ("SOAMOUNT", 0), ("ATTENTION", "ATTENTION"),
    ("GLDIVNO", ()), ("IS_RMA", False), ("ORIGINSONO", ()), ("INVOICENO", ()), ("SOAMTDSCT", "SOAMTDSCT"),
    ("SOEXTEND", 0), ("SOTAX", 0), ("PRINTPRDT", False), ("SOAPPROVAL", "SOAPPROVAL"), ("SOAPPRVINT", "SOAPPRVINIT"),
    ("SOAPPRVDT", "SOAPPRVDT"), ("SAVEINT", ()), ("SAVEDT", None), ("ACKPO_DOC", "ACKPO_DOC"), ("TERMS", "TERMS"),
    ("SOPTAX", 0), ("SOSTAX", 0), ("SOCHANGES", ""), ("BILLACOUNT", "BILLACCOUNT"), ("CustomerName", None),
    ("CanApproveSo", False), ("UserId", "00000000-0000-0000-0000-000000000000"),
)  # fmt: skip
"""The keys of a Get's header in order, each with our field, or its constant value (``()``: a blank)."""
DETAIL: tuple[tuple[str, str | object], ...] = (
    ("UNIQUELN", "UNIQUELN"), ("UNIQ_KEY", "uniq_key"), ("SONO", "soNo"), ("LINE_NO", "lineNo"),
    ("UOFMEAS", "uOfMeas"), ("EACHQTY", "eachQty"), ("ORD_QTY", "ord_qty"), ("SHIPPEDQTY", 0), ("BALANCE", "ord_qty"),
    ("Sodet_Desc", "soDet_Desc"), ("TRANS_DAYS", "trans_days"), ("FSTDUEDT", "fstduedt"), ("DELIFREQ", "deliFreq"),
    ("CATEGORY", ()), ("NOTE", "note"), ("EXTENDED", 0), ("BULLETIN", ""), ("WONOFLAG", False), ("QTYFROMINV", 0),
    ("STATUS", "status"), ("W_KEY", "w_key"), ("ORIGINUQLN", ()), ("PRJUNIQUE", ()), ("ARCSTATUS", ()),
    ("PRODTPUNIQ", ()), ("PRODTPUKLN", ()), ("CNFGQTYPER", 0), ("MRPONHOLD", False), ("SOURCEINSP", False),
    ("FIRSTARTCL", False), ("LFCSTITEM", False), ("LWARRANTY", False), ("PART_NUM", "part_no"), ("PRJCT_NUM", None),
    ("REVISION", "revision"),
)  # fmt: skip
"""The keys of ``SODETAILList``."""
TEXTS = ("SONOTE", "SOFOOT", "NOTE")
"""Free texts: a blank one is empty; fixed-width strings are blanks (§1.4)."""
NUMBERS = ("SOAMTDSCT", "EACHQTY", "ORD_QTY", "BALANCE", "TRANS_DAYS")
FLAGS = ("POACK", "SOAPPROVAL")
NULLS = ("ORDERDATE", "SOAPPRVDT", "FSTDUEDT", "PART_NUM", "REVISION")


def envelope(code: int, message: str, response: object = None) -> dict[str, Any]:
    """Shape A of the ERP's answers (contracts/erp.md §1.2)."""
    return {
        "$id": "1",
        "Code": code,
        "Message": message,
        "SessionId": None,
        "IsValidUser": True,
        "ResponseObject": response,
    }


def wants_envelopes(job: JobRecord) -> bool:
    """Whether a job's feed is answered in the ERP's shape."""
    return job.feed is not None and "envelope" in job.feed.answer


def answers(job: JobRecord, database: Database) -> Iterator[str]:
    """One envelope per document as JSON text, in the order of the file, each with a line end."""
    if job.refused:
        yield json.dumps(envelope(FAILED, f"{ADD_FAILED}{job.refused}"), ensure_ascii=False) + "\n"
        return
    wording = wording_of(job)
    for outcome, errors in acknowledgement.by_document(job, database, every=True):
        yield json.dumps(_answer(outcome, errors, wording), ensure_ascii=False) + "\n"


def _answer(outcome: DocumentOutcome, errors: list[FailureRecord], wording: Wording) -> dict[str, Any]:
    if outcome.taken and not outcome.failing_lines:
        return envelope(OK, ADDED if outcome.what == "inserted" else EDITED)
    unknown = any(each.code == "unknown_reference" and each.field == "custNo" for each in errors)
    held = wording.held(outcome) if outcome.hold_code else ""
    first = NO_CUSTOMER if unknown else wording.sentence(errors[0]) if errors else held
    failures = [
        {"lineNo": each.line_number, "code": each.code, "column": wording.column(each.field), "value": each.value,
         "message": wording.sentence(each)}
        for each in errors
    ]  # fmt: skip
    return envelope(FAILED, ADD_FAILED + first, [{"soNo": outcome.number, "failures": failures}])


def envelope_of_stored(database: Database, shown: Shown | None) -> dict[str, Any]:
    """The answer of ``SO/Get`` for a stored order; with None, for one that isn't stored."""
    if shown is None:
        return envelope(FAILED, NOT_FOUND)
    order = read_documents.whole(database, shown)
    lines = [line for line in order.get("items", []) if line["state"] != CANCELLED]
    details = [
        {"$id": str(number), "DueDateList": [], "SOPRICESList": [], **_filled(DETAIL, line | {"soNo": order["soNo"]})}
        for number, line in enumerate(lines, 3)
    ]
    header = _filled(HEADER, order)
    return envelope(OK, DETAILS, {"$id": "2", "SODETAILList": details, **header})


def _filled(keys: tuple[tuple[str, str | object], ...], fields: dict[str, Any]) -> dict[str, Any]:
    return {key: _value(key, source, fields) for key, source in keys}


def _value(key: str, source: str | object, fields: dict[str, Any]) -> Any:
    if source == () or source in ("", "00000000-0000-0000-0000-000000000000") or not isinstance(source, str):
        return BLANK if source == () else source
    value = fields.get(source)
    if value is None:
        blank = {**dict.fromkeys(TEXTS, ""), **dict.fromkeys(NUMBERS, 0), **dict.fromkeys(FLAGS, False)}
        return None if key in NULLS else blank.get(key, BLANK)
    if key.endswith(("DATE", "DT")) and isinstance(value, str):
        return f"{value}T00:00:00"
    if key == "STATUS":
        return str(value).upper()
    return float(value) if isinstance(value, Decimal) else value
