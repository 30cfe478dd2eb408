"""Nights in any order, in files of any size, against a model of a few lines: sums and states are the same."""

from __future__ import annotations

import random

import pytest

from tests.imports.test_nights import ORDER, SHIPMENT, house
from tests.warehouse import Warehouse, csv

ORDERS = [f"SO-{number}" for number in range(6)]


@pytest.mark.slow
@pytest.mark.both(slow=True)
@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(2))
def test_what_is_shipped_is_what_was_confirmed(warehouse: Warehouse, seed: int) -> None:
    chance = random.Random(seed)
    ordered: dict[str, dict[str, int]] = {}
    shipped: dict[str, tuple[str, str, int]] = {}
    cancelled: set[str] = set()
    number = 0
    for _night in range(8):
        orders, ships = [], []
        for order in chance.sample(ORDERS, 2):
            if order not in ordered:
                ordered[order] = {str(line): chance.randint(2, 9) for line in range(1, chance.randint(2, 4))}
            orders += [f"{order},S1,{line},AB,{quantity}" for line, quantity in ordered[order].items()]
        for order in chance.sample(ORDERS, 3):
            line = str(chance.randint(1, 3))
            known = ordered.get(order)
            already = sum(q for o, n, q in shipped.values() if (o, n) == (order, line))
            quantity = chance.randint(1, 4)
            if known is None or (line in known and already + quantity <= known[line]):
                number += 1
                shipped[f"S-{number}"] = (order, line, quantity)
                ships.append(f"S-{number},{order},2026-11-20,1,{line},AB,{quantity},")
        taken_back = chance.sample(sorted(set(shipped) - cancelled), min(1, len(set(shipped) - cancelled)))
        files = [(csv(*orders, header=ORDER), "sales_order")]
        files += [(csv(*ships, header=f"{SHIPMENT},action"), "ship_confirmation")] if ships else []
        chance.shuffle(files)
        for content, document in files:
            warehouse.run(content, house(document), name=f"{document}.csv", batch_bytes=chance.choice((40, 10_000)))
        for each in taken_back if chance.random() < 0.5 else ():
            order = shipped.pop(each)[0]
            content = csv(f"{each},{order},,,,,,cancel", header=f"{SHIPMENT},action")
            warehouse.run(content, house("ship_confirmation"), name="c.csv")
            cancelled.add(each)
    model = {}
    for order, lines in ordered.items():
        sums = {line: sum(q for o, n, q in shipped.values() if (o, n) == (order, line)) for line in lines}
        full = all(sums[line] >= quantity for line, quantity in lines.items())
        state = "SHIPPED" if full else "PARTIALLY_SHIPPED" if any(sums.values()) else "OPEN"
        model[order] = (state, sums)
    rows = warehouse.rows("SELECT customer_order_number, state FROM sales_orders")
    lines_of = warehouse.rows(
        "SELECT customer_order_number, customer_line_number, quantity_shipped FROM sales_order_lines"
    )
    stored = {order: (state, {n: int(float(q or 0)) for o, n, q in lines_of if o == order}) for order, state in rows}
    assert stored == model
