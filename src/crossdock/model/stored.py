"""What the steps may ask the database: questions about documents, and about lists."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from crossdock.schema.document import Document, Level
from crossdock.schema.roles import ItemWay


class DocumentQueries(Protocol):
    """What a check may ask of the documents that are stored and of the jobs that brought them."""

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """The stored rows of a level with those values.

        ``keys``: distinct rows of text, columns named as in SQL. Gives the columns of ``keys``, then ``columns``, both
        Arrow-backed, named as in SQL; moments are text in the former, moments in the latter.
        """

    def similar(self, document: Document, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """A partner's stored documents whose folded key is among ``folds`` (unit, key_fold): these, number, key."""

    def highest(self, document: Document, business_unit: str) -> int:
        """The highest number of a stored document that counts as one given (``Document.numbers_below``); 0 if none."""

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of some jobs, those that are no fix-workbooks of the same file; whether they came later."""

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """Business unit and number of documents that the file of a fix-workbook did not bring in whole."""


class ListQueries(Protocol):
    """What a check may ask of the lists that everybody refers to."""

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a list, or a type of document, has any value of that business unit."""

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """Which of the values are in a list of that business unit, and whether they are active."""

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a list of that business unit, in order, to suggest from."""

    def units(self) -> dict[str, int]:
        """Units that a list brought: code → decimals."""

    def item_ways(self, business_unit: str) -> list[tuple[Document, ItemWay]]:
        """In which ways items can be found there (``documents.ITEM_WAYS``), each with its list."""

    def items(
        self, listed: Document, way: ItemWay, business_unit: str, partner: str, names: list[str]
    ) -> dict[str, list[str]]:
        """Which items those names may mean, that way; GTINs are named with all of their digits."""


class Stored(DocumentQueries, ListQueries, Protocol):
    """What a check may ask of the database; one query a batch each. The dry run asks the same, read-only."""
