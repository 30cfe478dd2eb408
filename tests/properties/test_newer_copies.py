"""Files in any order of arrival, with places in their names or none, some set aside and resumed late, some corrected in
their fix-workbooks: of each order the newest stays, and one copy of it is open at most, against a model in plain Python.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from crossdock.jobs import leases, queries
from crossdock.jobs.open_documents import open_documents
from crossdock.workers.work import jobs_waiting
from crossdock.workers.worker import Worker
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse, csv

ORDERS = ("SO-1", "SO-2", "SO-3")
BAD = "x"


@dataclass(frozen=True)
class File:
    """A file: when it came, the place that its name shows (0: none), and the quantity of each of its orders."""

    arrival: int
    place: int
    quantities: dict[str, str]

    def is_newer(self, other: File) -> bool:
        earlier_by_name = self.place and other.place and self.place < other.place
        return self.arrival > other.arrival and not earlier_by_name


@dataclass
class Model:
    """What should be: of each order the quantity that is stored and the file from which it is, and who waits: the job of
    the open copy and its file.
    """

    stored: dict[str, tuple[str, File]] = field(default_factory=dict)
    waits: dict[str, tuple[str, File]] = field(default_factory=dict)

    def imported(self, job: str, file: File) -> list[str]:
        """A file, at its turn or resumed; returns the orders that are wrong, and not older than what is stored."""
        brought = {each: text for each, text in file.quantities.items() if not self._is_passed(each, file)}
        for number, quantity in brought.items():
            self._came(number, quantity, job, file, quantity == BAD)
        return [number for number, quantity in brought.items() if quantity == BAD]

    def corrected(self, job: str, file: File, quantities: dict[str, str]) -> set[str]:
        """A fix-workbook of that file; returns the orders that it brings in."""
        taken = set()
        for number, quantity in quantities.items():
            open_copy = self.waits.get(number)
            is_behind = open_copy is not None and open_copy[1].is_newer(file)
            passed = self._is_passed(number, file)
            self._came(number, quantity, job, file, passed or is_behind)
            if passed and self.waits.get(number, ("",))[0] == job:
                del self.waits[number]  # a newer file has stored it: nobody waits for this copy
            taken |= set() if passed or is_behind else {number}
        return taken

    def _is_passed(self, number: str, file: File) -> bool:
        return number in self.stored and self.stored[number][1].is_newer(file)

    def _came(self, number: str, quantity: str, job: str, file: File, on_hold: bool) -> None:
        if number in self.waits and self.waits[number][1].is_newer(file):
            if not on_hold:
                self.stored[number] = quantity, file
            return
        self.waits.pop(number, None)
        if on_hold:
            self.waits[number] = job, file
        else:
            self.stored[number] = quantity, file


@dataclass
class Mornings:
    """A warehouse, the model beside it, and what comes by chance."""

    warehouse: Warehouse
    chance: random.Random
    model: Model = field(default_factory=Model)
    aside: dict[str, File] = field(default_factory=dict)
    on_hold: dict[str, tuple[File, list[str]]] = field(default_factory=dict)
    arrivals: int = 0
    quantity: int = 0

    def some_file(self) -> None:
        self.arrivals += 1
        place = self.chance.choice([0, *range(1, 6)])
        numbers = self.chance.sample(ORDERS, self.chance.randint(1, 3))
        quantities = {each: BAD if self.chance.random() < 0.5 else self._quantity() for each in numbers}
        file = File(self.arrivals, place, quantities)
        name = f"orders_{place}.csv" if place else f"orders{'_' * self.arrivals}.csv"
        rows = [f"{number},1,AB,{quantity},{self.arrivals}" for number, quantity in quantities.items()]
        self.warehouse.drop(
            name, csv(*rows, header="customerOrderNumber,customerLineNumber,skuId,quantity,header.notes")
        )
        if self.chance.random() < 0.4:
            self._set_aside(file)
            return
        (report,) = self.warehouse.reports()
        assert report.refused is None
        self._imported(report.job, file)

    def _set_aside(self, file: File) -> None:
        with Worker(self.warehouse.database, "test") as worker:
            taken = next(jobs_waiting(self.warehouse.site, worker))
            leases.park(self.warehouse.database, taken.lease, "stopped")
        self.aside[taken.lease.job] = file

    def resumed(self) -> None:
        job = self.chance.choice(list(self.aside))
        assert leases.resume(self.warehouse.database, job)
        (report,) = self.warehouse.reports()
        assert report.job == job
        self._imported(job, self.aside.pop(job))

    def _imported(self, job: str, file: File) -> None:
        if bad := self.model.imported(job, file):
            self.on_hold[job] = file, bad

    def fix_workbook(self) -> None:
        """All that a file has on hold, corrected: also long after others have brought it."""
        job = self.chance.choice(list(self.on_hold))
        file, numbers = self.on_hold[job]
        quantities = {each: self._quantity() for each in numbers}
        old = Result(queries.one(self.warehouse.database, job).report, self.warehouse.database, job)
        cells = [(row, "quantity", quantities[each]) for row, each in enumerate(numbers, 2)]
        self.arrivals += 1
        self.warehouse.drop(f"fix {self.arrivals}.xlsx", corrected(self.warehouse.fix(old), *cells))
        (report,) = self.warehouse.reports()
        taken = self.model.corrected(report.job, file, quantities)
        assert report.documents.all == len(taken)

    def _quantity(self) -> str:
        self.quantity += 1
        return str(self.quantity)

    def agree(self) -> None:
        stored = {each: self.warehouse.lines(each)["1"][1] for each in self.warehouse.order_numbers()}
        assert stored == {number: float(quantity) for number, (quantity, _) in self.model.stored.items()}
        waits = sorted((each.number, each.job_id) for each in open_documents(self.warehouse.database))
        assert waits == sorted((number, job) for number, (job, _) in self.model.waits.items())


@pytest.mark.both
@pytest.mark.parametrize("seed", range(6))
def test_of_each_order_the_newest_stays_and_one_copy_is_open(warehouse: Warehouse, seed: int) -> None:
    """A resumed file that its name makes the newer one left the wait of an older copy open beside its own; a corrected
    one of a later file was refused where its name shows a lower number; one that a newer file has stored stayed open.
    """
    warehouse.partner()
    mornings = Mornings(warehouse, random.Random(seed))
    for _ in range(14):
        steps = [mornings.some_file] * 3
        steps += [mornings.resumed] * 2 if mornings.aside else []
        steps += [mornings.fix_workbook] * 2 if mornings.on_hold else []
        mornings.chance.choice(steps)()
        mornings.agree()
    while mornings.aside:
        mornings.resumed()
        mornings.agree()
