"""The queries of the steps to the database: about documents, and about lists."""

from __future__ import annotations

from typing import Protocol

from crossdock.frames.columns import Cells
from crossdock.model.resent import Resent
from crossdock.schema.document import Document, Level
from crossdock.schema.roles import ItemWay


class DocumentQueries(Protocol):
    """The queries of a check about stored documents and the jobs that brought them."""

    def existing(self, level: Level, keys: Cells, columns: list[str]) -> Cells:
        """The stored rows of a level with those values.

        ``keys``: distinct rows of text, columns named as in SQL. Returns the columns of ``keys``, then ``columns``,
        named as in SQL; moments are text in the former, moments in the latter.
        """

    def similar(self, document: Document, folds: Cells, partner: str) -> Cells:
        """A partner's stored documents whose folded key is in ``folds`` (unit, key_fold): these, number, key,
        state.
        """

    def highest(self, document: Document, business_unit: str) -> int:
        """The highest number of a stored document below ``Document.numbers_below``; 0 if there is none."""

    def held(self, document: Document, partner: str, keys: list[str]) -> set[str]:
        """Those of the keys of which a copy waits that was not taken, and that is no cancel itself."""

    def newer_jobs(self, job: str, others: list[str]) -> set[str]:
        """Those of the jobs ``others`` that are newer than ``job`` (``model.job.Age``); none where nobody knows that
        one: it isn't booked.
        """

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of the jobs ``others``, those that are no fix-workbook of the same file: job → whether they are newer than
        ``job`` (``model.job.Age``); every job is newer than one that nobody knows.
        """

    def newer_copies(self, document: Document, partner: str, job: str, fixes: str, keys: list[str]) -> dict[str, str]:
        """Those of the keys of which a copy is on hold that is newer than what ``job``, which fixes ``fixes``, brings →
        the job of that.
        """

    def names(self, jobs: list[str]) -> dict[str, str]:
        """Of jobs the name of their file; of a fix-workbook, or held documents, that of the file which it fixes. The
        jobs in the order in which they came.
        """

    lasting: bool
    """Whether what is decided is also stored; a dry run and a first look have nothing to remember."""

    def sent_before(self, context: str, batch: int, lists: list[str]) -> tuple[Resent | None, int]:
        """What the newest job of that ``context`` remembers of a batch of that number; the number of the last change.

        None where a document of the types ``lists`` has changed since.
        """

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """Business unit and number of the documents that the file of a fix-workbook did not bring in whole.

        ``numbers``: those in question.
        """


class ListQueries(Protocol):
    """The queries of a check about the lists to which documents refer."""

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a list, or a document type, has any value of that business unit."""

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """The values that a list of that business unit has → whether they are active."""

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a list of that business unit, sorted, for suggestions."""

    def units(self) -> dict[str, int]:
        """The units of the list that a feed brought: code → decimals."""

    def item_ways(self, business_unit: str) -> list[tuple[Document, ItemWay]]:
        """The ways in which items can be found in that business unit (``documents.ITEM_WAYS``), each with its list."""

    def items(
        self, listed: Document, item_way: ItemWay, business_unit: str, partner: str, names: list[str]
    ) -> dict[str, list[tuple[str, str | None]]]:
        """The items that each of the names may mean, found in that way; each with the unit that the name is of.

        The unit is None where the name is of none. GTINs have all of their digits.
        """


class Stored(DocumentQueries, ListQueries, Protocol):
    """The queries of a check to the database, each once per batch. The dry run makes the same queries, read-only."""
