"""What a call does: it reads what is stored, imports a body, and answers with an envelope.

An item's number that the call leaves out is the next free one. Two calls may choose the same: each line has a key of
its own, so that the import of the second fails (``another_line``) and it chooses again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.api.erp import bodies
from crossdock.api.erp.answers import new_session
from crossdock.api.erp.calls import CONTROLLERS, LINE_KEY, LINE_NUMBER, NUMBER, Call
from crossdock.api.erp.parameters import Value
from crossdock.database import Database, read_documents
from crossdock.database.read_documents import Shown
from crossdock.documents.erp_sales_order import ERP_SALES_ORDER, LINE
from crossdock.model.job import JobRecord
from crossdock.reports.erp_envelope import (
    FAILED,
    NO_OBJECT,
    NOT_FOUND,
    OK,
    codes_of,
    envelope,
    envelope_of_line,
    envelope_of_stored,
    order_lines,
    reason_of,
)

Values = Mapping[str, Value]
Answer = dict[str, Any]
TRIES = 8
"""How often the next free line number is chosen anew, where others choose it at the same time."""


class NotDone(Exception):
    """A call fails; the text is the reason."""


@dataclass(frozen=True)
class Orders:
    """The orders of one business unit, as one partner may see and change them.

    ``importing``: imports a body as a drop of that partner and returns its finished job. ``sees``: whether the partner
    may read a document of another.
    """

    database: Database
    unit: str
    importing: Callable[[bodies.Body], JobRecord]
    sees: Callable[[Shown], bool]

    def answer(self, controller: str, action: str, values: Values) -> Answer:
        """The envelope of a call, whose controller and action (lower case) are in ``CONTROLLERS``."""
        call = CONTROLLERS[controller][action]
        try:
            return ACTIONS[action](self, call, values)
        except NotDone as reason:
            return envelope(FAILED, call.failed(str(reason)), session=_session(call))

    def _add(self, call: Call, values: Values) -> Answer:
        return self._imported(call, bodies.added(values))

    def _edit(self, call: Call, values: Values) -> Answer:
        _number(values)
        return self._imported(call, bodies.edited(values))

    def _get(self, call: Call, values: Values) -> Answer:
        return envelope_of_stored(self.database, self._find(values), new_session())

    def _item_add(self, call: Call, values: Values) -> Answer:
        chosen = _padded(values.get(LINE_NUMBER, ""))
        for _ in range(1 if chosen else TRIES):
            stored = {str(line[LINE_NUMBER]) for line in self._order(values).get(LINE.array, [])}
            if chosen in stored:
                raise NotDone(f"Sales Order Item with line_no:'{chosen}' exists in SO:'{_padded_number(values)}'.")
            job = self.importing(bodies.item_added(values, chosen or _next(stored)))
            if "another_line" not in codes_of(job, self.database):
                break
        return self._of_job(call, job)

    def _item_edit(self, call: Call, values: Values) -> Answer:
        line = self._line(self._order(values), values)
        return self._imported(call, bodies.item_edited(values, line[LINE_NUMBER]))

    def _item_delete(self, call: Call, values: Values) -> Answer:
        line = self._line(self._order(values), values)
        return self._imported(call, bodies.item_deleted(values, line[LINE_NUMBER]))

    def _item_get(self, call: Call, values: Values) -> Answer:
        order = self._order(values)
        return envelope_of_line(order, self._line(order, values), new_session())

    def _imported(self, call: Call, body: bodies.Body) -> Answer:
        return self._of_job(call, self.importing(body))

    def _of_job(self, call: Call, job: JobRecord) -> Answer:
        reason = reason_of(job, self.database)
        if not reason:
            return envelope(OK, call.succeeded)
        if "does_not_exist" in codes_of(job, self.database):
            reason = NO_OBJECT
        return envelope(FAILED, call.failed(reason))

    def _find(self, values: Values) -> Shown | None:
        """The order of that number that the partner may see."""
        orders = read_documents.find_all(self.database, ERP_SALES_ORDER, _padded_number(values), self.unit)
        return next(filter(self.sees, orders), None)

    def _order(self, values: Values) -> dict[str, Any]:
        shown = self._find(values)
        if shown is None:
            raise NotDone(NOT_FOUND)
        return read_documents.alone(self.database, shown)

    def _line(self, order: dict[str, Any], values: Values) -> dict[str, Any]:
        """The line that is meant by its number, its key, or both."""
        wanted = {LINE_NUMBER: _padded(values.get(LINE_NUMBER, "")), LINE_KEY: str(values.get(LINE_KEY, ""))}
        wanted = {name: value for name, value in wanted.items() if value}
        if not wanted:
            raise NotDone("line_no or UNIQUELN not provided.")
        for line in order_lines(order):
            if all(line.get(name) == value for name, value in wanted.items()):
                return line
        raise NotDone("Sales Order Item does not exists.")


ACTIONS: dict[str, Callable[[Orders, Call, Values], Answer]] = {
    "add": Orders._add,
    "edit": Orders._edit,
    "get": Orders._get,
    "itemadd": Orders._item_add,
    "itemedit": Orders._item_edit,
    "itemget": Orders._item_get,
    "itemdelete": Orders._item_delete,
}
WRITES = frozenset(ACTIONS) - {"get", "itemget"}
"""The actions that change what is stored."""


def _session(call: Call) -> str | None:
    return new_session() if call.verb == "details" else None


def _number(values: Values) -> str:
    number = str(values.get(NUMBER, "")).strip()
    if not number:
        raise NotDone("SoNo not provided.")
    return number


def _padded_number(values: Values) -> str:
    return _filled(_number(values), ERP_SALES_ORDER.header.field(NUMBER).pad)


def _padded(line_number: Value) -> str:
    return _filled(str(line_number).strip(), LINE.field(LINE_NUMBER).pad)


def _filled(text: str, width: int | None) -> str:
    """Digits as the ERP pads them; other text as it is."""
    return text.zfill(width or 0) if text.isascii() and text.isdigit() else text


def _next(stored: set[str]) -> str:
    """The line number after the highest one."""
    return _padded(str(max((int(each) for each in stored if each.isascii() and each.isdigit()), default=0) + 1))
