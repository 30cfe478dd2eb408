"""The sample: a file as its format reads it, before anybody knows whose it is.

The reader needs known headings to find the header row and the delimiter. It gets all names and synonyms; if it knows
none of them, any words that look like headings. Where the columns are somewhere else than a reader looks, the shape of
the file says so. In JSON, the array of objects with the most elements has the documents,
and the first array of objects inside of them has the lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.format import Array, Arrays, Block, Clues
from crossdock.frames.columns import mask, trimmed
from crossdock.learn.headless import finding
from crossdock.learn.headless.ends import Rows, with_ends
from crossdock.learn.headless.shape import Shape
from crossdock.learn.names import AnyNames, KnownNames
from crossdock.schema.document import Kind
from crossdock.schema.names import fold

MOST_RECORDS = 200_000
"""Records of a file that are read: enough to prove how a partner writes."""
MOST_BYTES = 256 << 20
"""Of a JSON file, in which the shape is searched."""
USUAL_PATH = "data"


@dataclass(frozen=True)
class Sample:
    """A file's records. ``columns``: heading → texts without blanks at their ends, None where blank, one per record.

    ``format``: its name; ``written``: as the job stores it; ``plain``: numbers have the format's own notation.
    ``array``: the heading's beginning of what is on a line of JSON, ''; ``path``: the member with the documents, ''.
    ``shape``: the options that reading it takes.
    ``whole``: all records were read. ``objects``: number of the object of each record, None if the format nests none.
    """

    columns: dict[str, list[str | None]]
    records: int
    format: str
    written: Mapping[str, Any]
    plain: bool
    array: str = ""
    path: str = ""
    whole: bool = True
    objects: list[int] | None = None
    shape: Shape = field(default_factory=Shape)


def read_sample(path: Path) -> Sample:
    """The records of a file. Raises ``Refused`` if no format can read it, or if it has no headings or no record."""
    array, member = _shape(path)
    arrays: Arrays = {fold(array): Array(0, array)} if array else {}
    shape = Shape({"path": member} if member else {})
    kinds: Mapping[str, Kind] = KnownNames()
    if not array and not member:
        shape = finding.shape_of(path, kinds, Clues(AnyNames())) or shape
    if shape.unnamed or shape.format:
        return _with_ends(path, shape, Clues(AnyNames()), array, member)
    try:
        return _with_ends(path, shape, Clues(kinds, arrays), array, member)
    except Refused as refused:
        if refused.code != "no_header":
            raise
        return _with_ends(path, shape, Clues(AnyNames(), arrays), array, member)


def _with_ends(path: Path, shape: Shape, clues: Clues, array: str, member: str) -> Sample:
    """The sample, read again if its rows show options that its ends need."""
    sample, short = _read(path, shape, clues, array, member)
    if shape.format or formats.nested(sample.written):
        return sample
    ends = with_ends(shape, Rows(sample.columns, sample.records, short), whole=sample.whole)
    if ends.options == shape.options:
        return replace(sample, shape=ends)
    return _read(path, ends, clues, array, member)[0]


def _read(path: Path, shape: Shape, clues: Clues, array: str, member: str) -> tuple[Sample, dict[int, int]]:
    """The sample, and how many cells each row has that has too few, by its place."""
    options = formats.options().model_validate(shape.options)
    reader = formats.reader(path, shape.format, options, clues)
    tables, objects, whole, short = [], list[int](), True, dict[int, int]()
    for block in reader.blocks():
        tables.append(block.cells)
        short |= {len(objects) + place: cells for place, cells in _short(block)}
        objects += block.objects.tolist()
        if sum(len(each) for each in tables) >= MOST_RECORDS:
            whole = False
            break
    table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    if not table.num_rows:
        raise Refused("empty_file")
    columns = {name: trimmed(table.column(name).combine_chunks()).to_pylist() for name in table.column_names if name}
    if not columns:
        raise Refused("no_header", header="nothing")
    written = reader.written
    nested = formats.nested(written)
    plain = written["format"] != formats.UNMARKED and not shape.format  # lines are text
    sample = Sample(
        columns,
        table.num_rows,
        written["format"],
        written,
        plain,
        array,
        member,
        whole,
        [abs(each) for each in objects] if nested and (array or shape.format) else None,
        shape,
    )
    return sample, short


def _short(block: Block) -> Iterator[tuple[int, int]]:
    """The places in a block of rows with fewer cells than the header, and how many they have."""
    for place in np.flatnonzero(mask(pc.equal(block.faults, "torn_row"))):
        detail = json.loads(block.details[int(place)].as_py())
        if detail["found"] < detail["expected"]:
            yield int(place), detail["found"]


def _shape(path: Path) -> tuple[str, str]:
    """Of JSON, the array of lines and the path to the documents; '' where there is none, or they are the usual ones."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return "", ""
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return "", ""
    if text.lstrip()[:1] not in ("{", "["):
        return "", ""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        first = text.lstrip().partition("\n")[0]
        try:
            body = [json.loads(first)]
        except (ValueError, RecursionError):
            return "", ""
    member, documents = _documents(body)
    counts: dict[str, int] = {}
    for each in documents[:1_000]:
        for name, value in each.items() if isinstance(each, dict) else ():
            if _objects(value):
                counts[name] = counts.get(name, 0) + len(value)
    return max(counts, key=lambda name: counts[name], default=""), "" if member == USUAL_PATH else member


def _documents(body: Any, at: str = "", depth: int = 3) -> tuple[str, list[Any]]:
    """The longest way down that ends in an array of objects: its path and its elements; else the body itself."""
    if isinstance(body, list):
        return at, body
    if depth and isinstance(body, dict):
        scalars = sum(not isinstance(each, dict | list) for name, each in body.items() if not name.startswith("@"))
        inside = [(name, each) for name, each in body.items() if _objects(each) or isinstance(each, dict)]
        if len(inside) == 1 and scalars < 6:
            name, value = inside[0]
            path, documents = _documents(value, f"{at}.{name}".lstrip("."), depth - 1)
            if documents and path and (isinstance(value, list) or documents is not value) and not scalars > 3:
                return path, documents
    return "", [body]


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
