"""Why a file can't be processed at all."""

from __future__ import annotations

REFUSALS: dict[str, str] = {
    "empty_file": "the file is empty",
    "not_a_file": "there is no such file",
    "undecodable": "byte {byte} at line {line}, position {position} is not {encoding}: name the file's encoding",
    "unreadable": "the file can't be read: it is {what}",
    "wrong_format": "the file is {what}, and the feed reads {format} only",
    "damaged_workbook": "the workbook is damaged or cut off and can't be opened: {reason}",
    "workbook_too_large": "the workbook has {found} {what}, more than the {limit} that are read: send it in parts",
    "workbook_too_costly": "reading the workbook takes more than the {limit} that it may: save it anew or in parts",
    "strange_workbook": "the library for workbooks can't read this one: open it in Excel and save it as .xlsx",
    "no_sheet": "the workbook has no sheet {sheet}; its sheets are: {sheets}; rename the one that is meant, or name it "
    "in the feed's options",
    "several_sheets": "more than one sheet of the workbook may be meant: {sheets}; name one in the feed's options, or "
    "leave only one",
    "bad_json_file": "the file is not valid JSON: {reason} (line {line}, column {position})",
    "no_header": "no column of the file is known: the first row reads {header}",
    "headings_in_one": "the headings stand in one cell, {header}: see that no quotes are around all of them, and which "
    "delimiter is between them",
    "no_such_row": "row {row} is the header or the first record, says the feed, and is blank or below the file's end",
    "columns_elsewhere": "row {row}, which the feed leaves out, has {heading} over column {position}, and the feed's "
    "headings name {expected} there: if the columns have moved, change `headings`, or let header_row find them",
    "header_too_short": "most rows have {expected} cells and the header has {found}: {which}",
    "second_header": "line {line} has headings once more, and other ones than the first: send the tables as two files",
    "header_twice": "the columns {first} and {second} of the header are both {column}: {advice}",
    "no_order": "the name {name} has no date like {order}, so its place among the feed's files is unknown",
    "no_number": 'the name {name} has no number, and version = "drop" goes by it: give it that of its place',
    "name_lacks": "the name {name} has no {field}: it doesn't fit {pattern}",
    "no_rule_column": "the file has no column {column}, so nobody knows which rows are meant ({rule})",
    "no_key_column": "the file has no column for {column}",
    "drifted": "{what}; what is different from the last good file: {drift}",
    "given_up": "the file was given up before it was imported, send it again: {why}",
    "no_feed": "no feed claims a file named {name}: {known}; send it under such a name, or add its name to the `files` "
    "of its feed",
    "no_feed_of_set": "no feed of {partner} takes the sets {sets}; it takes: {known}",
    "several_feeds": "more than one feed may read a file named {name}, and its name must say which: {feeds}",
    "unknown_feed": "there is no feed {feed}: {known}",
    "not_yet": "{what} is not possible yet",
    "marks_lost": "the fix-workbook has lost its hidden column or its column of problems: fix a fresh one (job {job})",
    "stamp_lost": "the file has lines of a fix-workbook{whose} without its hidden sheet, which says how to read them: "
    "correct the fix-workbook itself, and send it with all of its sheets, as .xlsx, .xls or .ods",
    "headings_lost": "the fix-workbook lacks its column {heading}: headings must stay as they are",
    "foreign_fix": "the fix-workbook is of the feed {feed}: it can't be read as a file of {asked}",
    "notation_changed": "the fix-workbook is of job {job}, which read {key} = {was}; the feed says {now} now, so its "
    "cells could be read as other values: send its documents in a new file",
    "document_too_large": "the document has {records} records, more than the {limit} that one document may have",
    "not_as_agreed": "{what}, and the feed takes no such file",
    "not_an_interchange": "the feed reads {format} interchanges, and the file doesn't begin with one: it is {what}",
    "interchange_cut": "the interchange {number} has no trailer: it may not be whole; send it again",
    "interchange_numbers": "the trailer of the interchange {number} says {found}: these are the ends of two "
    "interchanges; send it again",
    "interchange_counts": "the trailer of the interchange {number} counts {promised} groups or messages, and it has "
    "{found}: it is not whole",
    "mixed_groups": "the interchange {number} has messages inside of groups and beside them",
    "long_interchange_number": "the interchange {number} has a number (ISA13) of more than nine digits",
    "group_version": "the group {number} is of the release {found} (GS08), and 003010 to 008030 are read",
    "group_cut": "the group {number} has no trailer: it is not whole",
    "group_numbers": "the trailer of the group {number} says {found}: these are the ends of two groups",
    "group_counts": "the trailer of the group {number} counts {promised} sets, and it has {found}: it is not whole",
    "stray_group_text": "the group {number} has text between its sets: {found}",
    "unknown_sender": "the interchange {number} is from {sender}, and {partner} sends as {known}",
    "unknown_group": "the group {number} is from and to {found}, and {partner} sends {known}",
    "other_receiver": "the interchange {number} is for {receiver}, and we are {known}",
    "nobodys_interchange": "no partner sends as {sender} to {receiver}: under [edi] in the TOML of the one who does, "
    'write theirs = ["{sender}"] and ours = ["{receiver}"]',
    "several_owners": "{partners} send as {sender} to {receiver}: only one may have these in its theirs and ours",
    "only_interchanges": "this folder takes interchanges only, and the file begins with neither ISA nor UNA nor UNB: "
    "put it into its partner's folder",
    "test_interchange": "the interchange {number} says that it is a test, and tests are not taken",
    "interchange_twice": "the interchange {number} came before with other content (job {job}, {when}): give it a "
    "number of its own, or tell us that the first one is void",
    "interchange_unreadable": "the interchange can't be read: {which}: {reason}",
    "no_trailer": "the file has no trailer {which} at its end: it is not whole",
    "trailer_differs": "the trailer at line {line} promises {which} = '{promised}', and the file has {found}: it is "
    "not whole",
    "manifest_count": "the manifest promises {promised} records, and the file has {found}: it is not whole",
    "manifest_size": "the manifest promises {promised} bytes, and the file has {found}: it is not whole",
    "manifest_digest": "the SHA-256 of the file is {found}, and the manifest says {promised}",
    "bad_manifest": "the manifest {name} can't be read: {reason}",
    "bad_archive": "the archive can't be unpacked: {reason}",
    "changed_while_reading": "the file changed while it was read; send it again when it is complete",
    "too_many_failing": "{failing} of {total} documents fail, more than the {limit} that the feed allows",
    "too_many_cancelled": "{cancelled} of {total} stored lines would be cancelled, more than the {limit} allowed",
}


OF_OBJECTS: dict[str, str] = {
    "no_header": "no member of the objects is known: the first has {header}",
    "no_key_column": "the objects have no member {column}",
    "header_twice": "the members {first} and {second} of the objects are both {column}: {advice}",
}
"""The sentences of refusals about columns, for a file of objects: a body of a request has no columns."""


class Refused(Exception):
    """A file that can't be processed at all: one code and one sentence, with which the file is answered.

    ``code``: a key of ``REFUSALS``; ``details``: what its sentence needs, by name.
    """

    def __init__(self, code: str, **details: object) -> None:
        self.code, self._details = code, details
        self.sentence = REFUSALS[code].format(**details)
        super().__init__(self.sentence)

    def of_objects(self) -> Refused:
        """The same refusal of a file of objects, which have members and no columns."""
        self.sentence = OF_OBJECTS.get(self.code, REFUSALS[self.code]).format(**self._details)
        self.args = (self.sentence,)
        return self
