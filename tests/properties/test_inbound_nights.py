"""Purchase orders, notices and receipts in any order, against sums that are taken anew: what is received of each line.

Each night one to three files come: a purchase order or notice, new or changed, a receipt, new, changed or cancelled. A
receipt names the line of the order, its item only, or the line of a notice; it may come before what it names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest

from tests.imports.test_nights import NAMED, RECEIPT, house
from tests.warehouse import Warehouse, csv

ORDER = "purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity"
FEEDS = {name: house(name) for name in ("purchase_order", "asn", "receipt")}
ITEMS = "ABC"


@dataclass(frozen=True)
class Line:
    """A line of a purchase order or of a notice; ``order``, ``order_line``: what a notice's line names, '' nothing."""

    item: str
    quantity: int
    order: str = ""
    order_line: str = ""


@dataclass(frozen=True)
class Received:
    """A line of a receipt; ``line``: '' where it names the item only."""

    of: str
    document: str
    line: str
    item: str
    quantity: int


@dataclass
class Inbound:
    """A warehouse, and what was sent to it."""

    warehouse: Warehouse
    chance: random.Random
    orders: dict[str, dict[str, Line]] = field(default_factory=dict)
    notices: dict[str, dict[str, Line]] = field(default_factory=dict)
    receipts: dict[str, list[Received]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def send(self, document: str, header: str, *rows: str) -> None:
        self.log += [document, *rows]
        size = self.chance.choice((40, 10_000))
        result = self.warehouse.run(
            csv(*rows, header=header), FEEDS[document], name=f"{document}.csv", batch_bytes=size
        )
        assert result.report.verdict == "ACCEPTED", "\n".join([*self.log[-30:], result.text])

    def order(self, number: str) -> None:
        """A purchase order, new, or with lines more and quantities raised."""
        lines = dict(self.orders.get(number, {}))
        for place in self.chance.sample("123", self.chance.randint(1, 3)):
            if place in lines:
                lines[place] = replace(lines[place], quantity=self.raised(number, place))
            elif not self.by_item(number) or self.chance.random() < 0.5:
                lines[place] = Line(self.chance.choice(ITEMS), self.chance.randint(5, 30))
        if not lines:
            return
        self.orders[number] = lines
        self.send(
            "purchase_order",
            ORDER,
            *(f"{number},V1,{place},{each.item},{each.quantity}" for place, each in lines.items()),
        )

    def raised(self, number: str, place: str) -> int:
        """A quantity that a line may have next: what is received already, or more while the line is open."""
        done, quantity = self.sums()[0][number, place], self.orders[number][place].quantity
        return done if done >= quantity else quantity + self.chance.randint(0, 5)

    def by_item(self, number: str) -> bool:
        return any(each.document == number and not each.line for rows in self.receipts.values() for each in rows)

    def notice(self, number: str) -> None:
        if number in self.notices:
            return
        lines = {}
        for place in self.chance.sample("12", self.chance.randint(1, 2)):
            order, order_line = self.chance.choice(self.lines_of(self.orders) or [("", "")])
            item = self.orders[order][order_line].item if order else self.chance.choice(ITEMS)
            lines[place] = Line(item, self.chance.randint(5, 20), order, order_line)
        self.notices[number] = lines
        rows = (
            f"V1,{number},{each.order},{each.order_line},{place},{each.item},{each.quantity},EA"
            for place, each in lines.items()
        )
        self.send("asn", NAMED, *rows)

    def lines_of(self, documents: dict[str, dict[str, Line]]) -> list[tuple[str, str]]:
        return [(number, place) for number, lines in documents.items() for place in lines]

    def receipt(self, number: str) -> None:
        """A receipt, new, with other quantities, or cancelled."""
        if number in self.cancelled:
            return
        before = self.receipts.get(number)
        if before is not None and self.chance.random() < 0.4:
            del self.receipts[number]
            self.cancelled.add(number)
            self.send("receipt", RECEIPT.replace("receiptDate", "action,receiptDate"), f"{number},cancel{',' * 9}")
            return
        rows = [replace(each, quantity=self.chance.randint(1, 9)) for each in before or self.some_received()]
        if not rows:
            return
        self.receipts[number] = rows
        self.send(
            "receipt",
            RECEIPT,
            *(
                f"{number},2026-11-22,N,NVRN1,{place},{each.of},{each.document},{each.line},{each.item},{each.quantity}"
                for place, each in enumerate(rows, 1)
            ),
        )

    def some_received(self) -> list[Received]:
        rows = []
        for _ in range(self.chance.randint(1, 2)):
            of, documents = self.chance.choice([("purchase_order", self.orders), ("asn", self.notices)])
            lines = self.lines_of(documents)
            if not lines:
                continue
            number, place = self.chance.choice(lines)
            item = documents[number][place].item
            alone = [each.item for each in documents[number].values()].count(item) == 1
            named = "" if alone and self.chance.random() < 0.4 else place
            if all((each.document, each.item) != (number, item) for each in rows):
                rows.append(Received(of, number, named, item, self.chance.randint(1, 9)))
        return rows

    def sums(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        """What is received of each line of the purchase orders, and of the notices."""
        of_orders = dict.fromkeys(self.lines_of(self.orders), 0)
        of_notices = dict.fromkeys(self.lines_of(self.notices), 0)
        for each in (each for rows in self.receipts.values() for each in rows):
            place = each.line or self.first[each.document, each.item]
            if each.of == "asn":
                of_notices[each.document, place] += each.quantity
                line = self.notices[each.document][place]
                if line.order:
                    of_orders[line.order, line.order_line] += each.quantity
            else:
                of_orders[each.document, place] += each.quantity
        return of_orders, of_notices

    @property
    def first(self) -> dict[tuple[str, str], str]:
        """The line that an item meant when it was first in its document."""
        first: dict[tuple[str, str], str] = {}
        for documents in (self.orders, self.notices):
            for number, lines in documents.items():
                for place, each in lines.items():
                    first.setdefault((number, each.item), place)
        return first

    def compare(self) -> None:
        context = "\n".join(self.log[-40:])
        for table, number, sums, documents in (
            ("purchase_order", "purchase_order_number", self.sums()[0], self.orders),
            ("asn", "asn_number", self.sums()[1], self.notices),
        ):
            rows = self.warehouse.rows(f"SELECT {number}, line_number, quantity_received FROM {table}_lines")
            assert {(order, line): int(float(done or 0)) for order, line, done in rows} == sums, context
            states = dict(self.warehouse.rows(f"SELECT {number}, state FROM {table}s"))
            for document, lines in documents.items():
                done = [sums[document, place] for place in lines]
                full = all(sums[document, place] >= each.quantity for place, each in lines.items())
                state = "RECEIVED" if full else "PARTIALLY_RECEIVED" if any(done) else "OPEN"
                assert states[document] == state, f"{document}\n{context}"


def compared(warehouse: Warehouse, seed: int) -> None:
    """Ten nights."""
    chance = random.Random(seed)
    inbound = Inbound(warehouse, chance)
    for _night in range(10):
        for what in chance.choices([inbound.order, inbound.notice, inbound.receipt], k=chance.randint(1, 3)):
            prefix = {"order": "PO", "notice": "ASN", "receipt": "R"}[what.__name__]
            what(f"{prefix}-{chance.randint(1, 9 if prefix == 'R' else 3)}")
            inbound.compare()


@pytest.mark.parametrize("seed", range(2))
def test_inbound_nights(warehouse: Warehouse, seed: int) -> None:
    compared(warehouse, seed)


@pytest.mark.slow
@pytest.mark.both(slow=True)
@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(2, 20))
def test_many_inbound_nights(warehouse: Warehouse, seed: int) -> None:
    compared(warehouse, seed)
