"""How PostgreSQL comes to the stored rows of a batch, in tables that it has no statistics of yet."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event

from crossdock.database import connect
from tests.warehouse import Warehouse, csv

ORDERS = 1_500


def file_of(quantity: str) -> str:
    """A file of orders, a tenth of which have that quantity."""
    return csv(*(f"SO-{number},1,SKU-1,{quantity if number % 10 == 0 else '5'}" for number in range(ORDERS)))


def test_no_table_is_read_as_a_whole_for_the_documents_of_a_batch(postgres_url: str, home: Path) -> None:
    """Looked up, locked, and changed, right after an import has filled the tables."""
    plans: dict[str, str] = {}

    def explained(_: Any, cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "unnest(" in statement or " FROM stage_" in statement:
            kind = " ".join(statement.split()[:2]) if statement.startswith("UPDATE") else statement[-20:]
            with cursor.connection.cursor() as other:
                plans[kind] = "\n".join(row for (row,) in other.execute(f"EXPLAIN {statement}", values))

    with closing(connect(postgres_url)) as database:
        warehouse = Warehouse(database, home)
        warehouse.partner()
        assert warehouse.run(file_of("5")).report.books.loaded == ORDERS
        event.listen(database.engine, "before_cursor_execute", explained)
        assert warehouse.run(file_of("7")).report.books.unchanged == ORDERS - ORDERS // 10
    assert {"UPDATE sales_orders", "UPDATE sales_order_lines"} <= plans.keys()
    assert any("FOR UPDATE" in kind for kind in plans)
    assert any("OFFSET 0) AS r" in kind for kind in plans)
    assert [plan for plan in plans.values() if "Seq Scan on sales_order" in plan] == []


def test_a_document_is_looked_up_by_its_whole_key_where_few_are_stored(postgres_url: str, home: Path) -> None:
    """Most fail, so the table stays small while many are asked for: an index that finds a unit would do for each."""
    plans: list[str] = []

    def explained(_: Any, cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "OFFSET 0) AS r" in statement:
            with cursor.connection.cursor() as other:
                plans.append("\n".join(row for (row,) in other.execute(f"EXPLAIN {statement}", values)))

    with closing(connect(postgres_url)) as database:
        warehouse = Warehouse(database, home)
        warehouse.partner()
        rows = [f"SO-{number},1,SKU-1,{'5' if number % 10 == 0 else 'x'}" for number in range(ORDERS)]
        assert warehouse.run(csv(*rows)).report.books.loaded == ORDERS // 10
        event.listen(database.engine, "before_cursor_execute", explained)
        warehouse.run(csv(*rows, "SO-NEW,1,SKU-1,5"))
    assert plans
    assert [plan for plan in plans if "Filter" in plan] == []
