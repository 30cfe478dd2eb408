"""The ERP's own answers (contracts/erp.md §1.2, §2.1): the envelope of ``SO/Add`` and ``SO/Get``, exact to the key.

Files have no session, so ``SessionId`` is null, as in the ERP's own writes. What the ERP has and we don't have
(invoices, taxes, work orders) is blank in the ERP's way. A text that is shorter than its column has one blank at its
end, as the seed prints it; lines come in the order of their UNIQUELN, which is the seed's too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crossdock.database import Database, read_documents
from crossdock.database.read_documents import Shown
from crossdock.model.job import CHECKED, FailureRecord, JobRecord
from crossdock.reports.document_verdict import DocumentVerdict, verdicts
from crossdock.schema.relations import CANCELLED

ADDED, EDITED = "Sales Order added successfully.", "Sales Order edited successfully."
CHECKED_ONLY = "Sales Order checked, and not stored."
ADD_FAILED = "Sales Order add failed."
DETAILS, ITEM_DETAILS = "Sales Order details:", "Sales Order Item details:"
NOT_FOUND, NO_CUSTOMER = "Sales Order does not exists.", "Customer does not exists."
NO_OBJECT = "Object reference not set to an instance of an object."
"""What the seed says of an edit that finds no order."""
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
WIDTHS = {
    **dict.fromkeys(("FOB", "SHIPVIA", "SHIPCHARGE", "TERMS"), 15), "STATUS": 10, "ORD_TYPE": 10, "UOFMEAS": 4,
    "DELIFREQ": 2, "DELIV_TIME": 8, "Sodet_Desc": 45, "PONO": 20, "BUYER": 15, "ATTENTION": 15, "SOAPPRVINT": 8,
    "ACKPO_DOC": 200, "BILLACOUNT": 20,
}  # fmt: skip
"""Characters of the columns of fixed width that are no keys: the first three are stated (§1.4), the others inferred."""


def envelope(
    code: int, message: str, response: object = None, *, session: str | None = None, valid_user: bool = True
) -> dict[str, Any]:
    """Shape A of the ERP's answers (contracts/erp.md §1.2); for a wrong key (``valid_user``), shape C."""
    return {
        "$id": "1",
        "Code": code,
        "Message": message,
        "SessionId": session,
        "IsValidUser": valid_user,
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
    for verdict in verdicts(job, database, every=True):
        yield json.dumps(_answer(verdict), ensure_ascii=False) + "\n"


def _answer(verdict: DocumentVerdict) -> dict[str, Any]:
    outcome, wording = verdict.outcome, verdict.wording
    if not verdict.is_short and outcome.ended == CHECKED:
        return envelope(OK, CHECKED_ONLY)
    if not verdict.is_short:
        return envelope(OK, ADDED if outcome.what == "inserted" else EDITED)
    first = next(iter(_sentences(verdict)), "")
    failures = [
        {"lineNo": each.line_number, "code": each.code, "column": wording.column(each.field, each.line),
         "value": each.value, "message": wording.sentence(each)}
        for each in verdict.errors
    ]  # fmt: skip
    return envelope(FAILED, ADD_FAILED + first, [{"soNo": outcome.number, "failures": failures}])


def _sentences(verdict: DocumentVerdict) -> list[str]:
    """Why a document is not taken, the seed's own sentence first where it has one."""
    outcome, errors, wording = verdict.outcome, verdict.errors, verdict.wording
    sentences = [wording.sentence(each) for each in errors if not _unknown_customer(each)]
    held = [wording.held(outcome)] if outcome.hold_code else []
    return [NO_CUSTOMER] * any(map(_unknown_customer, errors)) + list(dict.fromkeys(sentences or held))


def _unknown_customer(failure: FailureRecord) -> bool:
    return failure.code == "unknown_reference" and failure.field == "custNo"


def reason_of(job: JobRecord, database: Database) -> str:
    """Why the one document of a job is not taken, in all its sentences; '' where it is taken."""
    if job.refused:
        return job.refused
    reasons = [sentence for verdict in verdicts(job, database) if verdict.is_short for sentence in _sentences(verdict)]
    seeds, ours = reasons[: reasons.count(NO_CUSTOMER)], [each for each in reasons if each != NO_CUSTOMER]
    return " ".join([*seeds, *(["; ".join(ours)] if ours else [])])


def codes_of(job: JobRecord, database: Database) -> frozenset[str]:
    """The codes of what keeps the documents of a job out."""
    return frozenset(each.code for verdict in verdicts(job, database) for each in verdict.errors)


def envelope_of_stored(database: Database, shown: Shown | None, session: str | None = None) -> dict[str, Any]:
    """The answer of ``SO/Get`` for a stored order; with None, for one that isn't stored."""
    if shown is None:
        return envelope(FAILED, NOT_FOUND, session=session)
    order = read_documents.alone(database, shown)
    lines = sorted(order_lines(order), key=lambda line: (line.get("UNIQUELN", ""), line["lineNo"]))
    details = [_detail(number, line, order) for number, line in enumerate(lines, 3)]
    header = _filled(HEADER, order)
    return envelope(OK, DETAILS, {"$id": "2", "SODETAILList": details, **header}, session=session)


def order_lines(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a stored order (``read_documents.alone``) that are not cancelled."""
    return [line for line in order.get("items", []) if line["state"] != CANCELLED]


def envelope_of_line(order: dict[str, Any], line: dict[str, Any], session: str | None = None) -> dict[str, Any]:
    """The answer of ``SO/ItemGet`` for a line of a stored order."""
    return envelope(OK, ITEM_DETAILS, _detail(2, line, order), session=session)


def _detail(number: int, line: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    filled = _filled(DETAIL, line | {"soNo": order["soNo"]})
    return {"$id": str(number), "DueDateList": [], "SOPRICESList": [], **filled}


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
    if key in WIDTHS:
        text = str(value).upper() if key == "STATUS" else str(value)
        return text + BLANK if len(text) < WIDTHS[key] else text
    return value
