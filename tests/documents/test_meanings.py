"""Each field of each document has a sentence that says what it means."""

from __future__ import annotations

from crossdock.documents import DOCUMENTS
from crossdock.schema import meanings

FIELDS = [
    (name, field.name) for name, document in DOCUMENTS.items() for level in document.levels for field in level.fields
]


def test_every_field_means_something_and_says_by_whom() -> None:
    for document, field in FIELDS:
        meaning = meanings.meaning(document, field)
        assert meaning.sentence[0].isupper(), (document, field)
        assert meaning.sentence.endswith((".", "…")), (document, field)
        assert meaning.source, (document, field)


def test_no_sentence_is_about_a_field_that_is_gone() -> None:
    used = set()
    for document, field in FIELDS:
        address, _, part = field.rpartition(".")
        used |= {(field, document), (field, ""), (address, ""), (f".{part}", "")}
    assert not set(meanings._rows()) - used


def test_every_document_says_what_it_is() -> None:
    assert all(document.about.endswith(".") for document in DOCUMENTS.values())
