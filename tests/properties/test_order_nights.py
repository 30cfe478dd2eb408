"""Nights of orders by chance, against a model of contract A5 and A6 (``order_model``): what is stored, what is held.

Each night is a file of orders; some are mended in their fix-workbook, come twice, are shipped, or their shipments are
taken back.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field, replace

import openpyxl
import pytest

from crossdock.formats.fix_stamp import LINES
from crossdock.partners.feed import Feed
from tests.imports.test_nights import SHIPMENT, house
from tests.properties.order_model import BAD, Line, NotTaken, Order, Sent, SentLine, Terms, shipped, taken
from tests.warehouse import Result, Warehouse, csv
from tests.workbooks import book

ORDERS = [f"SO-{number}" for number in range(1, 6)]
OPTIONAL = ("header.notes", "header.action", "line.action")
ACTIONS = ("", "", "", "insert", "update", "replace", "cancel")
CONFIRMATIONS = house("ship_confirmation")
MENDED = {BAD: "3", "": "2"}


@dataclass
class Nights:
    """A warehouse, the model beside it, and what comes by chance."""

    warehouse: Warehouse
    chance: random.Random
    terms: Terms
    feed: Feed
    columns: tuple[str, ...]
    orders: dict[str, Order] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    shipments: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def some_orders(self) -> list[Sent]:
        chance = self.chance
        return [self._order(each) for each in chance.sample(ORDERS, chance.randint(1, 4))]

    def _order(self, number: str) -> Sent:
        chance = self.chance
        action = chance.choice(ACTIONS) if "header.action" in self.columns else ""
        notes = chance.choice(["", "red", "blue"]) if "header.notes" in self.columns else None
        lines = []
        for line in sorted(chance.sample("1234", chance.randint(1, 3))):
            quantity = str(ord(number[-1]) % 5 + int(line))
            if chance.random() < 0.4:
                quantity = chance.choice([BAD, "", *map(str, range(1, 10))])
            cancels = "line.action" in self.columns and chance.random() < 0.25
            lines.append(SentLine(line, chance.choice("AAAB"), quantity, cancels))
        return Sent(number, action, notes, tuple(lines))

    def file(self, sent: list[Sent], name: str) -> Result:
        header = ["customerOrderNumber", "customerLineNumber", "skuId", "quantity", *self.columns]
        rows = [row for each in sent for row in self._rows(each)]
        if self.chance.random() < 0.3:
            self.chance.shuffle(rows)
        self.log += [name, *(",".join(each) for each in (header, *rows))]
        size = self.chance.choice((40, 10_000))
        if self.chance.random() < 0.3:
            return self.warehouse.run(book(header, *rows), self.feed, name=f"{name}.xlsx", batch_bytes=size)
        content = csv(*(",".join(each) for each in rows), header=",".join(header))
        return self.warehouse.run(content, self.feed, name=f"{name}.csv", batch_bytes=size)

    def _rows(self, sent: Sent) -> list[list[str]]:
        optional = {"header.notes": sent.notes or "", "header.action": sent.action}
        return [
            [sent.number, line.number, line.sku, line.quantity]
            + [(optional | {"line.action": "cancel" if line.cancels else ""})[name] for name in self.columns]
            for line in sent.lines
        ]

    def take(self, sent: list[Sent]) -> set[str]:
        """What the model makes of a file; the numbers of the orders that are not taken, or not whole."""
        before, refused, short = dict(self.orders), set[str](), set[str]()
        for each in sent:
            stored, held = self.orders.get(each.number), each.number in self.held
            try:
                self.orders[each.number], whole = taken(each, stored, self.terms, held=held)
            except NotTaken:
                refused.add(each.number)
            else:
                short |= set() if whole else {each.number}
        if self.terms.hold == "file" and refused:
            self.orders, refused = before, {each.number for each in sent}
        for each in sent:
            if each.number not in refused:
                self.held.discard(each.number)
            elif each.action != "cancel":
                self.held.add(each.number)
        return refused | short

    def compare(self, result: Result | None = None, left_open: set[str] | None = None) -> None:
        """That the database holds what the model does; ``left_open``: what a job leaves on hold, or takes short."""
        context = "\n".join([str(self.terms), *self.log[-40:], result.text if result else ""])
        stored = stored_orders(self.warehouse)
        for number in ORDERS:
            assert stored.get(number) == self.orders.get(number), f"{number}\n{context}"
        if result is not None and left_open is not None:
            assert set(result.failed) - {""} <= left_open, context
            waiting = f"SELECT number FROM job_outcomes WHERE job_id = '{result.job}' AND ended IS NULL"
            assert {number for (number,) in self.warehouse.rows(waiting)} == left_open, context

    def night(self, name: str) -> None:
        sent = self.some_orders()
        result = self.file(sent, name)
        open_ones = self.take(sent)
        self.compare(result, open_ones)
        if self.chance.random() < 0.3:
            repeated = self.warehouse.run(self.warehouse.home / result.report.name, self.feed)
            self.log.append("again")
            self.compare(repeated, self.take(sent))
        elif open_ones and self.chance.random() < 0.5:
            mended = [with_right_quantities(each) for each in sent if each.number in open_ones]
            self.log.append("mended")
            fixed = self.warehouse.run(
                mended_workbook(self.warehouse.fix(result)), self.feed, name=f"{name}_fixed.xlsx"
            )
            self.compare(fixed, self.take(mended))

    def ship(self, name: str) -> None:
        """Ship a part of an open line, or take a shipment back."""
        taken_back = bool(self.shipments) and self.chance.random() < 0.3
        if taken_back:
            shipment = self.chance.choice(sorted(self.shipments))
            order, line, quantity = self.shipments.pop(shipment)
            row = f"{shipment},{order},,,,,,cancel"
            more = -quantity
        else:
            open_lines = [
                (order, line, each.sku, each.quantity - each.shipped)
                for order, content in self.orders.items() if not content.cancelled
                for line, each in content.lines.items() if each.open and each.quantity > each.shipped
            ]  # fmt: skip
            if not open_lines:
                return
            order, line, sku, rest = self.chance.choice(open_lines)
            more = self.chance.randint(1, rest)
            self.shipments[name] = (order, line, more)
            row = f"{name},{order},2026-11-20,1,{line},{sku},{more},"
        self.log.append(row)
        result = self.warehouse.run(csv(row, header=f"{SHIPMENT},action"), CONFIRMATIONS, name=f"{name}.csv")
        assert result.report.verdict == "ACCEPTED", "\n".join([*self.log[-40:], result.text])
        self.orders[order] = shipped(self.orders[order], line, more)
        self.compare()


def with_right_quantities(sent: Sent) -> Sent:
    lines = (replace(line, quantity=MENDED.get(line.quantity, line.quantity)) for line in sent.lines)
    return replace(sent, lines=tuple(lines))


def mended_workbook(workbook: bytes) -> bytes:
    """The workbook with each wrong quantity written anew."""
    opened = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = opened[LINES]
    heading = {cell.value: place for place, cell in enumerate(sheet[1])}
    for row in sheet.iter_rows(min_row=2):
        cell = row[heading["quantity"]]
        if row[heading["customerOrderNumber"]].value:
            value = "" if cell.value is None else str(cell.value)
            cell.value = MENDED.get(value, value)
    sink = io.BytesIO()
    opened.save(sink)
    return sink.getvalue()


def stored_orders(warehouse: Warehouse) -> dict[str, Order]:
    lines: dict[str, dict[str, Line]] = {number: {} for number in ORDERS}
    columns = "customer_order_number, customer_line_number, sku_id, quantity, state, quantity_shipped"
    for order, number, sku, quantity, state, done in warehouse.rows(f"SELECT {columns} FROM sales_order_lines"):
        lines[order][number] = Line(sku, int(float(quantity)), state != "CANCELLED", int(float(done or 0)))
    orders = warehouse.rows("SELECT customer_order_number, notes, state FROM sales_orders")
    return {number: Order(notes or "", state == "CANCELLED", lines[number]) for number, notes, state in orders}


def compared(warehouse: Warehouse, seed: int) -> None:
    """Eight nights of one partner, whose feed is made by chance, too."""
    chance = random.Random(seed)
    terms = Terms(
        chance.choice(["whole", "changes"]), chance.choice(["document", "line", "file"]), chance.choice([True, False])
    )
    columns = tuple(name for name in OPTIONAL if chance.random() < 0.6)
    feed = warehouse.feed(f'sends = "{terms.sends}"\nhold = "{terms.hold}"\nreopen = {str(terms.reopen).lower()}')
    nights = Nights(warehouse, chance, terms, feed, columns)
    for night in range(8):
        nights.night(f"orders_{night}")
        if chance.random() < 0.6:
            nights.ship(f"S-{night}")


@pytest.mark.parametrize("seed", range(3))
def test_nights_of_orders(warehouse: Warehouse, seed: int) -> None:
    compared(warehouse, seed)


@pytest.mark.slow
@pytest.mark.both(slow=True)
@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(3, 40))
def test_many_nights_of_orders(warehouse: Warehouse, seed: int) -> None:
    compared(warehouse, seed)
