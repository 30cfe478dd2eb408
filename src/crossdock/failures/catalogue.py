"""The codes of failures, each with severity, scope, sentence and hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Scope = Literal["cell", "line", "record", "document", "file"]
"""What a failure is about, and so how much it keeps out: a cell of a row below the header, such a row as a whole, the
record itself (its cells can't be trusted), the document or a cell of its header, the file as a whole."""


@dataclass(frozen=True)
class Code:
    """One kind of failure: its stable name, its severity, its sentence and what would be right.

    ``sentence`` and ``hint`` are templates over ``column`` (the partner's own), ``value`` (quoted, as sent) and the
    failure's details. A feed can't lower a ``fixed`` code: without it a wrong value could be stored. ``setting``: what
    the operator can set in the partner's TOML instead, with gaps (``reports.settings_advice``); the partner can't.
    ``scope``: what the failure is about if it is in a field below the header. ``refusal``: only of a code about the
    file, the sentence of the refusal if a feed makes it an error; else ``sentence``.
    """

    name: str
    severity: Severity
    sentence: str
    hint: str = ""
    fixed: bool = False
    setting: str = ""
    scope: Scope = "cell"
    refusal: str = ""


def _catalogue(*codes: Code) -> dict[str, Code]:
    return {code.name: code for code in codes}


def _error(name: str, sentence: str, hint: str = "", setting: str = "", scope: Scope = "cell") -> Code:
    return Code(name, "error", sentence, hint, fixed=True, setting=setting, scope=scope)


def _rule(name: str, sentence: str, hint: str = "", setting: str = "", scope: Scope = "cell") -> Code:
    setting = setting or f'severity = {{ {name} = "warning" }}'
    return Code(name, "error", sentence, hint, setting=setting, scope=scope)


def _warning(
    name: str, sentence: str, hint: str = "", setting: str = "", scope: Scope = "cell", refusal: str = ""
) -> Code:
    return Code(name, "warning", sentence, hint, setting=setting, scope=scope, refusal=refusal)


_LACKING = '<lacking> = { <field> = "…" }'
"""What the file never says can be said in the TOML."""


CODES: dict[str, Code] = _catalogue(
    # the record itself
    _error("torn_row", "the row has {found} cells where the header has {expected}",
           "see that each value stands under its heading", setting="options.footer = [<footer>]", scope="record"),
    _error("cut_row", "the file ends in the middle of this row: {why}", "send the whole file", scope="record"),
    _error("row_in_quotes", "quotes stand around the whole row, so that it is one cell",
           "quote cells, and not rows", scope="record"),
    _error("beside_headings", "the row has nothing under a heading, and {found} cells right of the last one",
           "move them under their headings, or away", scope="record"),
    _rule("product_beside", "the row has another product beside the first, under headings that nobody "
          "reads: {headings}",
          "send a row for each product", scope="line"),
    _error("broken_quote", "a quote inside the row is not closed where its cell ends",
           "write a quote that is text twice, and quotes around its cell",
           "<quoting>", scope="record"),
    _error("quote_across_cells", "a quote inside one cell has its other half inside another",
           "see that each value stands under its heading, and that no delimiter is missing before the quote",
           'options = { quote = "none" }', scope="record"),
    _error("unclosed_quote", "a quote opened in this row is not closed before the next one; it swallows the file to "
           "line {until}", "close it, or write it twice where it is text", "<quoting>",
           scope="record"),
    _error("record_too_long", "the row is longer than {limit} characters", scope="record"),
    _error("tab_in_line", "the line has a tab, at {position}: its columns can't be told", "write blanks instead",
           scope="record"),
    _error("outside_columns", "the line has text where no column is, at {position}",
           "see that each value stands in its place", setting="options.columns_at = { … }", scope="record"),
    _error("line_too_long", "the line has {found} characters where the others have {expected}",
           "see that each value stands in its place", scope="record"),
    _error("counted_in_bytes", "the line has {found} characters and {expected} bytes, as many as the others have: its "
           "columns are counted in bytes", "count characters, or write the file in an encoding of one byte for each, "
           "such as cp1252", scope="record"),
    _error("cut_line", "the line ends after {found} characters, in the middle of {heading}",
           "fill the line with blanks to its end", scope="record"),
    _error("unknown_record_type", "the line is of the type '{type}', which nobody knows; there are: {known}",
           setting="options.ignore = [<ignored>]", scope="record"),
    _error("no_line_above", "the line of the type '{type}' has no line of the type '{above}' above it", scope="record"),
    _error("not_of_line_above", "{heading} is '{cell}', and '{other}' in the line above that it belongs to",
           "see that no line is missing", scope="record"),
    _error("bad_json", "the object can't be read: {reason}", scope="record"),
    _error("lines_elsewhere", "the document has more lines than the file brings: {shown}",
           "send the document with all of its lines", scope="record"),
    _error("not_an_object", "{what} stands where an object is expected", scope="record"),
    _error("merged_cells", "the row is part of merged cells ({cells})",
           "unmerge them and write the value into each row", 'options = { merged = "fill" }', scope="record"),
    _error("no_record", "the row is a title, a total or an explanation of the columns, and no record: {shown}",
           "leave it out", "skip.<title>", scope="record"),
    _error("row_of_another_fix", "the row is from another fix-workbook, of job {job}",
           "send it in that workbook", scope="record"),
    _error("struck_row", "the row is struck out", "delete it, or don't strike it out",
           'options = { struck = "leave_out" }', scope="record"),
    _error("name_twice", "the object names {names} twice", scope="record"),
    # what a standard of interchanges forbids (contract edi.md §11)
    _error("empty_set", "the set has no {element}, it brings nothing", scope="record"),
    _error("unknown_set", "the set is a {set}, which this feed does not take; it takes: {known}", scope="record"),
    _error("set_cut", "the set has no trailer {element}, so it may not be whole", scope="document"),
    _rule("set_number", "the number {sent} of the trailer {element} is not that of the set, {control}",
          scope="document"),
    _rule("set_count", "the trailer {element} counts {sent} segments, and the set has {counted}", scope="document"),
    _rule("set_number_twice", "a set before this one in its group has its number, {sent}", scope="document"),
    _error("segment_missing", "the segment {element} is missing before segment {position}", scope="document"),
    _warning("separator_missing", "the segment {element} is missing before segment {position}; the lines and the sums "
             "are told apart without it", scope="document"),
    _warning("loop_missing", "the segment {element} is missing before segment {position}; what follows is read as if "
             "it were there", scope="document"),
    _error("element_missing", "segment {position}: {element} is missing", scope="document"),
    _error("bad_element", "segment {position}: {element} '{sent}' is {what}", scope="document"),
    _error("bad_measure", "segment {position}: {element} '{sent}' is more than one unit, or a multiple of one",
           "send the quantity in a single unit", scope="document"),
    _error("element_repeated", "segment {position}: {element} '{sent}' holds the separator of repetitions, so it is "
           "several values, and there is room for one", "send one, or another separator in ISA11 or UNA",
           scope="document"),
    _error("bad_parent", "segment {position}: {element} names '{sent}' as the level above, and there is none before it",
           scope="document"),
    _warning("parent_nowhere", "segment {position}: {element} names '{sent}' as the level above, which is not in the "
             "set; it is taken as the outermost", scope="document"),
    _error("too_deep", "segment {position}: {element} names a level that stands in more than 40 others",
           scope="document"),
    _error("split_destinations", "{column} {value} is for several places, or for another one than the order's "
           "({element}): one address can't be right for it", "send an order for each place"),
    _error("part_of_line", "{column} {value} is a part of another line ({element}), and whether it comes on top of it, "
           "nobody says", "send each item as a line of its own, or only the whole"),
    _error("places_add_up_to", "{column} {value} is a place's of a line of {sent}, whose places add up to {other}"),
    _error("element_twice", "{column} has several values, and {element} may be there once: {sent}",
           "send a set for each document, a loop for each line"),
    _error("several_values", "{column} has {meant}: {value}", "send a line for each"),
    _warning("first_of_several", "{column} has several values, of which the first counts: {sent}"),
    _warning("none_of_several", "{column} has {meant}; none of them is stored: {sent}",
             "send a line for each if they are wanted"),
    _warning("unknown_zone", "{column} {value} is in the zone '{meant}', whose offset from UTC nobody knows; it is "
             "read as in the feed's", "send a zone with an offset"),
    _warning("other_measure", "{column} '{sent}' is a price for another measure ({meant}) than the quantity; it is not "
             "stored"),
    _warning("party_twice", "{element} is there twice: '{sent}', which counts, and '{other}'", scope="document"),
    _warning("unknown_segment", "segment {position}, {element}, is not one of this set; it was left out",
             scope="document"),
    _error("stray_line", "segment {position}, {element}, is a line where none may stand, and its goods would be lost",
           scope="document"),
    _error("shipment_twice", "segment {position}, {element}, begins another shipment, and a set may have one",
           "send a set for each", scope="document"),
    _warning("misplaced_segment", "segment {position}, {element}, does not stand where it belongs", scope="document"),
    _warning("too_many_of", "segment {position}: there are more of {element} than the set may have", scope="document"),
    _warning("excess_elements", "segment {position}: {element} is more than the segment may have", scope="document"),
    _warning("element_size", "segment {position}: {element} '{sent}' is too {why}", scope="document"),
    _warning("digit_missing", "segment {position}: {element} '{sent}' has no digit before its decimal mark; it is read "
             "with a 0 there", scope="document"),
    _warning("small_code", "segment {position}: the code {element} '{sent}' is in small letters; it is read as in "
             "capital ones", scope="document"),
    _warning("stray_separator", "segment {position}: {element} '{sent}' holds a separator and is no composite",
             scope="document"),
    _error("control_character", "{column} {value} holds a character that no text may hold ({character})"),
    _error("undecodable_cell", "{column} {value} holds bytes that are not {encoding}: {bytes}",
           "write the whole file in one encoding"),
    _error("mixed_encoding", "{column} {value} may be {other}: the file is written in more than one encoding",
           "write the whole file in one encoding"),
    _rule("in_apostrophes", "{column} {value} stands in apostrophes", "quote cells as CSV does, with a quotation mark",
          """options = { quote = "'" }"""),
    _error("ditto_mark", "{column} {value} only stands for what is in the row above",
           "write the value itself into each row"),
    _error("invisible_character", "{column} {value} holds a character that nobody sees ({character})",
           "write it again by hand"),
    # one cell
    _error("not_split", "{source} {sent} can't be cut into {fields}", "write it like the others"),
    _error("error_cell", "{column} {value} is an error of the spreadsheet", "correct the formula, or write the value"),
    _error("not_calculated", "{column} holds a formula that was never calculated",
           "open the file in Excel and save it"),
    _error("struck_out", "{column} {value} is struck out", "write the value that counts, not struck out",
           'options = { struck = "read" }'),
    _error("partly_struck", "a part of {column} is struck out, and {value} is left",
           "write only the value that counts"),
    _error("date_in_id", "{column} {value} was turned into a date by the spreadsheet",
           "format the column as text and write the value again"),
    _error("flag_in_id", "{column} {value} was turned into yes or no by the spreadsheet",
           "format the column as text and write the value again"),
    _error("rounded_id", "{column} {value} was a number of more than 15 digits, the spreadsheet has rounded it",
           "format the column as text and write the value again"),
    _error("missing", "{column} is missing", setting=f"{_LACKING} or optional = [<optional>]"),
    _error("not_a_number", "{column} {value} is not a number", "write it like {example}", "<notation>"),
    _error("ambiguous_number", "{column} {value} may be {one} or {other}", "write it like {example}", "<notation>"),
    _error("other_currency", "{column} {value} names another currency than {currency}, that of the amounts",
           "write it like {example}", "constants.currency = <currency>"),
    _error("unit_beside", "{column} {value} has a unit beside its number",
           "write the number alone, like {example}, and the unit in a column of its own"),
    _error("too_many_decimals", "{column} {value} has more than {places} decimals"),
    _error("number_too_large", "{column} {value} has more than {digits} digits before the point"),
    _error("not_whole", "{column} {value} is not a whole number"),
    _error("too_small", "{column} {value} must be more than {limit}", setting="zero = <zero>"),
    _error("negative", "{column} {value} must not be negative", setting="negative_amounts = <negative>"),
    _error("not_a_flag", "{column} {value} is neither yes nor no", "write true or false, Y or N, yes or no, 1 or 0",
           'values.<field>.<value> = "true" or values.<field>.<value> = "false"'),
    _error("not_a_date", "{column} {value} is not a date", "write it like {example}", "<dates>"),
    _error("serial_date", "{column} {value} is not a date; as a spreadsheet's number of days it would be {reading}",
           "format the column as a date, or write it like {example}", "<dates>"),
    _error("no_such_date", "{column} {value} is a day or time that does not exist", "{why}"),
    _error("means_no_date", "{column} {value} is what programs write where they have no date, or no end",
           "leave it blank", 'values.<field>.<value> = ""'),
    _error("short_year", "{column} {value} has no year of four digits", "write it like {example}", "<dates>"),
    _error("no_day", "{column} {value} is a week, a month or a quarter, and no day", "write it like {example}"),
    _error("zone_by_name", "{column} {value} names its zone, and a name may have several offsets",
           "write the offset, like {example}"),
    _error("ambiguous_date", "{column} {value} may be {one} or {other}", "write it like {one}", "<dates>"),
    _error("not_midnight", "{column} {value} has a time of day where only a date belongs"),
    _error("skipped_time", "{column} {value} does not exist in {zone}: the clocks went from {one} to {other}"),
    _error("doubled_time", "{column} {value} happened twice in {zone}: {one} and {other}", "write the offset"),
    _error("too_long", "{column} {value} has {length} characters, at most {limit} are allowed"),
    _warning("longer_than_usual", "{column} {value} has {length} characters, usual are {limit}; it is kept whole"),
    _error("scientific_id", "{column} {value} was turned into scientific notation, its digits are lost",
           "format the column as text before saving"),
    _warning("like_a_date", "{column} {value} is how spreadsheets write a day: perhaps it was a text such as 1-5",
             "format the column as text before saving", "values.<field>.<value> = <meant>"),
    _warning("scientific_text", "{column} {value} is how spreadsheets shorten a long number: perhaps its digits are "
             "lost", "format the column as text before saving", "values.<field>.<value> = <meant>"),
    _warning("like_a_flag", "{column} {value} is how programs write yes and no: perhaps it was another text, or "
             "none", "write it as text, or leave it blank", "values.<field>.<value> = <meant>"),
    _warning("several_in_cell", "{column} {value} looks like several in one cell, and is stored as one",
             "send a row for each"),
    _warning("label_text", "{column} {value} is the text of a GS1 label, and is stored as it is", "{suggestion}"),
    _warning("web_code", "{column} {value} has characters as web pages write them",
             "should it be {suggestion}?", "values.<field>.<value> = <meant>"),
    _warning("garbled_text", "{column} {value} has letters that a program has spoiled: it took one encoding for "
             "another", "should it be {suggestion}?", "values.<field>.<value> = <meant>"),
    _warning("look_alike", "{column} {value} is not what it looks like: {characters}",
             "should it be {suggestion}, in one script and with plain hyphens?", "values.<field>.<value> = <meant>"),
    _warning("zeros_put_back", "{column} was {value} before a spreadsheet made it the number {number}: its zeros were "
             "put back", "format the column as text and write it again if that is wrong"),
    _warning("lost_zero", "{column} {value} has fewer digits than a postal code of its country: perhaps a "
             "spreadsheet has taken the zero in front",
             "should it be {suggestion}? Format the column as text before saving", "values.<field>.<value> = <meant>"),
    _error("not_allowed", "{column} {value} is none of {allowed}", "did you mean {suggestion}?",
           "values.<field>.<value> = <meant>"),
    _warning("unknown_code", "{column} {value} is not known", "did you mean {suggestion}?",
             "values.<field>.<value> = <meant>"),
    _error("not_a_currency", "{column} {value} is not an ISO 4217 currency", "did you mean {suggestion}?",
           "values.<field>.<value> = <meant>"),
    _error("not_a_country", "{column} {value} is not an ISO 3166 country of two letters", "did you mean {suggestion}?",
           "values.<field>.<value> = <meant>"),
    _warning("means_nothing", "{column} {value} is what programs write where they have no value", "leave it blank",
             'values.<field>.<value> = ""'),
    _error("not_json", "{column} {value} is not a JSON object"),
    _error("zero", "{column} must not be 0"),
    _warning("other_spelling", "{column} {value} is taken as {meant}"),
    _error("prefix_range", "{column} {value} is a range or a list, and a row is for one beginning of postal codes",
           "write a row for each"),
    _error("not_an_sscc", "{column} {value} is not an SSCC of 18 digits (20 with 00 before them)"),
    _error("wrong_sscc", "{column} {value} has a wrong check digit", "should it be {suggestion}?", 'sscc = "warn"'),
    _error("not_a_gtin", "{column} {value} is not a GTIN of 8, 12, 13 or 14 digits", "should it be {suggestion}?"),
    _warning("wrong_check_digit", "{column} {value} has a wrong check digit", "{suggestion}"),
    _warning("far_date", "{column} {value} is more than 5 years away"),
    _warning("past_date", "{column} {value} is in the past"),
    _warning("still_to_come", "{column} {value} is more than a week ahead, and says when something happened",
             "see that the year is right, and that day and month stand in their order"),
    _warning("sign_in_doubt", "{column} {value} is more than 0, and {other_column} is {other}: what leaves is "
             "less than 0",
             "write what leaves with a minus, or make its kind a factor by multiply and factors (docs/feeds.md)"),
    _warning("percent_in_doubt", "{column} {value} is less than 1 percent, and perhaps a part of 1, which is {other} "
             "percent", "write percents, like 12.5"),
    # rows of one document
    _rule("header_conflict", "{column} {value} differs from {other} at {place} of the same document",
          setting='agree = { <field> = "first" }'),
    _warning("similar_line",
             "{column} {value} differs only in how it is written from {other}, {known}: they are two lines",
             "write the number of a line always in one way"),
    _error("line_twice", "line number {value} stands in the document already, at {place}", scope="line"),
    _error("row_twice", "{column} {value} stands in the document already, at {place}", scope="line"),
    _rule("line_conflict", "{column} {value} differs from {other} at {place} of the same {what}"),
    _error("cartons_add_up_to", "{column} says {value}, its cartons add up to {other}"),
    _error("blank_key", "{column} is blank", "fill it in", "blank_key = <above> or blank_key = <end>"),
    _error("no_placeholder", "{column} is blank, and no placeholder says which rows are one order",
           "fill it in, or add a column placeholder"),
    _error("scattered_lines", "the document's rows are scattered over the file and carry no line numbers",
           "send the rows of a document together, or number them"),
    _rule("rows_again", "the document's rows stand twice: from here on they are those from {place} on once more",
          "send them once, or number the lines"),
    _error("no_lines", "the document has no lines", scope="document"),
    _rule("dates_out_of_order", "{column} {value} is before {other_column} {other}"),
    _warning("amount_differs", "{column} {value} is not quantity times price, {other}"),
    _error("no_currency", "{column} is missing though {other_column} is given", setting=_LACKING),
    _error("line_count_differs", "{column} says {value} lines, the document has {other}"),
    _error("total_quantity_differs", "{column} says {value}, the lines add up to {other}"),
    _rule("more_than", "{column} {value} is more than {other_column} {other}"),
    _rule("not_less", "{column} {value} is not less than {other_column} {other}"),
    _error("needed_with", "{column} is missing though {other_column} is given", setting=_LACKING),
    _error("not_approved_by", "{column} is missing though SOAPPROVAL is 1"),
    _error("needs_one", "{column} is missing, and so is {others}"),
    _warning("expected_with", "{column} is missing though {other_column} is given"),
    _error("does_not_fit", "{column} {value} doesn't fit {other_column} {other}"),
    _warning("cartons_differ", "{column} says {value} cartons, the document names {other}"),
    _warning("on_two_pallets", "{column} {value} is not where the same carton stands elsewhere, {other}"),
    _rule("serial_is_one", "{column} {value} is not 1 though the piece has a serial number"),
    _rule("item_needs", "{column} is missing, and the SKU is controlled by it"),
    _warning("expired", "{column} {value} is before the goods arrive ({other})"),
    _error("nothing_shipped", "{column} is 0, and lineStatus is neither SHORT nor CANCELLED"),
    _error("needed_without_number", "{column} is missing, and the order has no number of its own"),
    _error("broken_unit", "{column} {value} is not whole, and {unit} can't be broken"),
    _error("document_twice", "the document stands in this file twice with different content, also at {place}",
           scope="document"),
    _warning("duplicate", "the document stands in this file already, at {place}, and is the same", scope="document"),
    # compared with what is stored, and its owner
    _error("foreign_unit", "{column} {value} is not a business unit that this partner may write ({allowed})",
           setting="business_units = [<units>]"),
    _error("belongs_to_other", "the document is stored already and belongs to another partner",
           setting="shared = true", scope="document"),
    _warning("of_another_feed", "the document was stored from {name}, a file of another feed (job {job}); this one "
             "changes it", "if it is another document, give it a number of its own", scope="document"),
    _warning("other_parts", "the order has parts that are stored and open, and not in this file: {other}; they stay as "
             "they are", "if their lines are in this part now, cancel them, or they are shipped twice",
             scope="document"),
    _error("similar_key", "{column} {value} differs only in leading zeros from {other}, {known}",
           "if it is another document, give it a number of its own; if it is the same, it is in already",
           "pad = { <field> = <width> }"),
    _warning("similar_spelling", "{column} {value} differs only in case or blanks from {other}, {known}"),
    _error("not_of_this_fix", "job {job} has stored a document of this number that the fix-workbook doesn't fix",
           "give it a number of its own, or send the document in a file of its own", scope="document"),
    _error("newer_on_hold", "job {job} has brought a newer copy of this document, which is on hold",
           "correct that one, in its own fix-workbook; or give this one a number of its own", scope="document"),
    _error("already_exists", "the document is stored already with other content, and the action is insert",
           scope="document"),
    _error("another_line", "{column} {value} is another line than the one stored under this number, {was}",
           "give the line a number of its own"),
    _error("moved_on", "the document is at revision {now} now, not at {expected}: somebody has changed it",
           "get it again, and send the change to what it is now", scope="document"),
    _error("append_only", "the document is stored already with other content (job {job}), and it never changes",
           scope="document"),
    _error("version_again", "job {job} has stored other content of this very version",
           "if this is the newer one, give it a newer version", scope="document"),
    _error("no_version", "the document's version is blank, so it can't be told which is newer", scope="document"),
    _warning("test_set", "the document is a draft or a test: it is only checked, and nothing of it is stored",
             scope="document"),
    _warning("stale", "the document is older than {known}, so it is left out", scope="document"),
    _error("already_shipped", "it is shipped already, at least in part: {what}"),
    _error("already_received", "it is received already, at least in part: {what}"),
    _error("changed_when_shipped",
           "{column} {value} can't be changed any more, it was {was}: it is shipped, at least in part"),
    _error("changed_when_received",
           "{column} {value} can't be changed any more, it was {was}: it is received, at least in part"),
    _warning("changed_afterwards",
             "{column} is {value} now, it was {was}: the document is shipped or received already"),
    _warning("unit_kept", "{column} is {value} now, in the unit that is stored, {unit}: no unit was sent",
             "send the unit, too"),
    _warning("day_turned", "{column} {value} is the day that is stored, {was}, with day and month the other way round",
             "see that dates are written as before", 'severity = { day_turned = "error" }'),
    _warning("mark_moved", "{column} {value} is {times} the {was} that is stored",
             "see that the unit and the decimal mark are as before", 'severity = { mark_moved = "error" }'),
    _warning("item_changed", "{column} {value} is not the item of the line that is stored under this number, {was}",
             "cancel that line, and give the item a line of its own, if another line is meant",
             'severity = { item_changed = "error" }'),
    _warning("change_reverted", "the document is as it was before job {jobs} changed it, and takes that back",
             "send the change again, if this is an old copy", 'severity = { change_reverted = "error" }',
             scope="document"),
    _error("confirms_another", "{column} {value} is not what was confirmed under this number before, {was}",
           "give it a number of its own; if the first was wrong, cancel that before"),
    _error("less_than_shipped", "{column} {value} is less than what is shipped, {done} of {was}"),
    _error("less_than_received", "{column} {value} is less than what is received, {done} of {was}"),
    _rule("possible_duplicate", "{column} {value} is that of an order of this customer already: {other}",
          "give the order its number if it is another one"),
    _rule("possible_duplicate_here", "{column} {value} is that of {other}, too, at {place}",
          "give the orders their numbers if they are two"),
    _error("does_not_exist", "there is no such document to {action}", scope="document"),
    _rule("unknown_to_cancel", "there is no such document to cancel", "",
          'severity = { unknown_to_cancel = "warning" }', scope="document"),
    _error("cancels_no_part", "the order is stored in parts, {other}, and the cancel doesn't say which",
           "cancel each of them", scope="document"),
    _error("cancelled", "the document is cancelled, nothing more can come for it",
           "give it a number of its own if it is another one", "reopen = true", scope="document"),
    _warning("nothing_to_cancel", "there is no line {value} to cancel", scope="line"),
    _error("nothing_to_keep", "there is no line {value} that could stay as it is", "send what it holds", scope="line"),
    _warning("line_cancelled", "line {value} is stored but not in the file any more, so it is cancelled",
             scope="document"),
    _warning("no_open_line",
             "every line of the document is cancelled, and the document itself is still open: more lines may come",
             "cancel the document, too, if nothing more comes", scope="document"),
    _warning("unknown_reference", "{column} {value} is not a known {list}", "did you mean {suggestion}?",
             'references = { <list> = "warn" }'),
    _warning("inactive_reference", "{column} {value} is an inactive {list}"),
    _warning("unknown_contact", "{column} {value} is no contact of the customer ({known})"),
    _warning("unit_of_item", "{column} {value} is another unit than {other}, of which the item's number is"),
    _warning("item_resolved", "{column} {value} is taken as {item}, by {by}"),
    _error("several_items", "{column} {value} may be any of {items}, by {by}", "name the SKU"),
    _warning("gtin_again", "{column} {value} is the GTIN of {other}, too"),
    _warning("carton_again", "{column} {value} stands on {other}, too"),
    # compared with another document
    _error("document_shut", "the {document} {value} is {state}, nothing more can come for it"),
    _warning("document_closed", "the {document} {value} is {state}; what comes for it counts all the same",
             "have it opened again if more is to come"),
    _rule("other_party", "{column} {value} is not that of the {document}, {other}"),
    _rule("other_item", "{column} {value} is not the item of that line, {other}"),
    _warning("other_item_noted", "{column} {value} is not the item of that line, {other}"),
    _error("no_such_line", "the {document} {number} has no {which}", scope="line"),
    _warning("not_on_document", "the {document} {number} has no {which}", scope="line"),
    _error("several_matches", "{column} {value} may mean several lines: {items}", "name the line and its item"),
    _warning("several_lines", "{column} {value} may mean several lines, none is counted: {items}", "name the line"),
    _error("unknown_document", "{column} {value} is not a known {list}", setting='references = { <list> = "warn" }'),
    _warning("less_than_announced", "{column} {value} is less than the {total} of the {document} {by}",
             "have them changed, too, if less is to come"),
    _warning("over_ordered", "{column} {value} makes {total} in all, more than the {ordered} of the {document}",
             setting="tolerance = <tolerance>"),
    _warning("over_received", "{column} {value} makes {total} in all, more than the {ordered} of the {document}",
             setting="tolerance = <tolerance>"),
    _rule("over_shipped", "{column} {value} makes {total} in all, more than the {ordered} of the {document}",
          setting='tolerance = <tolerance> or severity = { over_shipped = "warning" }'),
    _warning("more_than_shipped", "{column} {value} makes {total} in all, more than the {ordered} that were shipped"),
    Code("over_quantity", "error", "{column} {value} makes {total} in all, more than the {ordered} of the {document}",
         fixed=True, setting='tolerance = <tolerance> or over = "warn"'),
    _warning("units_not_compared", "{column} {value} {unit} can't be compared with {other}: the SKU tells no factor"),
    # the drop as a whole
    _warning("unknown_column", "the column {value} is not known and was left out",
             setting='columns.<heading> = "…"', scope="file",
             refusal="the column {value} is not known"),
    _warning("members_left_out", "the objects have more than {limit} members that are not known; the others were left "
             "out, the first is {value}", scope="file"),
    _warning("list_not_read", "the member {value} is a list of objects that was not read; '{member}' = '{array}' in "
             "the feed's columns reads them as lines", scope="file",
             refusal="the list {value} of objects is not known"),
    _warning("documents_elsewhere", "the file says that there are more documents than it brings: {shown}",
             "send the other pages, too", scope="file"),
    _warning("list_too_deep", "the member {value} is a list in a list in a list, and those are not read",
             "send the objects of the middle lists in one, each with what the outermost says of it", scope="file",
             refusal="the member {value} is a list in a list in a list"),
    Code("answer_in_part", "error", "the file is an answer with errors, so what it brings may not be whole: {shown}",
         "ask once more, and send an answer without errors", scope="file",
         refusal="the file is an answer with errors, so what it brings may not be whole: {shown}"),
    _warning("lacking_column", "the file has no column {value}, which the feed reads as {field}", scope="file"),
    _warning("column_gone", "the column {value} of the last file (job {job}) is gone{instead}", scope="file"),
    _warning("column_new", "the column {value} is new since the last file (job {job})", scope="file"),
    _warning("columns_moved", "the columns stand in another order than in the last file (job {job})", scope="file"),
    _warning("line_not_ended", "the last line of the file has no line end, and that of the last file (job {job}) had "
             "one: it may be cut", "see that the last record is whole", scope="file",
             refusal="the last line of the file has no line end, and that of the last file (job {job}) had one"),
    _warning("written_otherwise", "{value} is written like {now}, and in the last file (job {job}) like {was}",
             scope="file"),
    _warning("id_as_number", "the ids of the column {value} all end in '.0', such as {example}: a program has made "
             "numbers of them", "write them as text; or take the '.0' off by [feed.split] (docs/feeds.md)",
             scope="file", refusal="the ids of the column {value} all end in '.0'"),
    _warning("point_in_doubt", "the column {value} has numbers such as {whole} and {example}: its points were read as "
             "decimal marks, and may group thousands", "tell us which is meant",
             'decimal = "." or decimal = "," and thousands = "."', scope="file"),
    _warning("cancels_unread", "the column {value} says {example}, and nobody reads it: what is cancelled is stored "
             "like the rest", setting="cancel.<cancels>", scope="file"),
    _warning("returns_unread", "the column {value} says {example}, and nobody reads it: what comes back is stored "
             "like the rest", setting="skip.<cancels>", scope="file"),
    _warning("sign_unread", "the column {value} says {example}, and nobody reads it: the numbers of such rows are "
             "stored without their sign", "make it a factor by multiply and factors (docs/feeds.md), or leave such "
             "rows out by skip", scope="file"),
    _warning("stock_status_unread", "the column {value} says {example}, and nobody reads it: such stock counts as on "
             "hand, like the rest", "leave such rows out by skip, if nobody may ship them", scope="file"),
    _warning("price_unit_in_doubt", "the column {value} says that prices are for {example}, and each is taken as that "
             "of one", "send the price of one", scope="file"),
    _warning("currency_in_doubt", "the column {value} names {example}, and the amounts of the file are taken as "
             "{taken}", "tell us which is meant", scope="file"),
    _warning("unit_in_doubt", "the column {value} names {example}, and {what} are taken as {taken}",
             "tell us which is meant", scope="file"),
    _warning("days_in_doubt", "the column {value} has dates such as {contrary}, in which day and month stand the other "
             "way round; {example} was read as {reading}, and may be meant so, too",
             "write all dates in one way, such as 2026-12-31", scope="file"),
    _warning("days_turned", "the column {value} has dates that are text, such as {contrary}, and every one that a "
             "spreadsheet made a date of, such as {example}, may be read both ways: it may have taken days for months",
             "write all dates in one way, such as 2026-12-31", scope="file"),
    _warning("heading_twice", "the columns {first} and {second} have one name; neither is read", scope="file"),
    _warning("blank_cells_behind", "{count} rows end in blank cells that have no heading, as most of the file do",
             scope="file", refusal="{count} rows end in blank cells that have no heading"),
    _warning("armoured_cells", "cells of the column {value} are written so that a spreadsheet takes them for text "
             "({example}); what is around them was taken off", scope="file",
             refusal="cells of the column {value} are written for a spreadsheet ({example})"),
    Code("encoding_not_told", "warning", "the file is not UTF-8 and does not say what it is; it was read {read}, where "
         "{place} reads '{shown}'{other}", "tell us if that is wrong", setting='options = { encoding = <encoding> }',
         scope="file", refusal="the file is not UTF-8 and does not say what it is: {place} reads '{shown}'{other}"),
    _warning("only_a_test", "the interchange says that it is a test: it was checked, and nothing of it is stored",
             scope="file",
             refusal="the interchange says that it is a test"),
    _warning("segments_unused", "segments that no field comes from were left out: {value}",
             scope="file",
             refusal="segments are left out that no field comes from: {value}"),
    _warning("set_ignored", "sets that are copies, or about another set, were left out: {value}", scope="file",
             refusal="sets are left out that are copies, or about another set: {value}"),
    _warning("isa_size", "the ISA has {what} characters, and the standard wants 106", scope="file",
             refusal="the ISA has {what} characters and not 106"),
    _warning("envelope_code", "{what} is nothing that the standard allows there", scope="file",
             refusal="{what} is not a code that the standard knows there"),
    _warning("gs_code", "GS01 '{what}' is not the code of these sets; what ST says counts", scope="file",
             refusal="GS01 '{what}' is not the code of these sets"),
    _warning("stray_text", "text outside of the interchange was left out: {what}", scope="file",
             refusal="text stands outside of the interchange: {what}"),
    _warning("small_letters", "segments have names in small letters, such as {what}; they are read as capital ones",
             scope="file",
             refusal="segments have names in small letters, such as {what}"),
    _warning("parents_guessed", "{what} is blank: what it stands in is the nearest before it that may hold it",
             scope="file", refusal="{what} is blank, and doesn't say what it stands in"),
    _warning("other_release", "the release is read as the nearest one that we know: {what}", scope="file",
             refusal="the release is not one that we know: {what}"),
    _warning("wrapped_lines", "the lines are cut after {what} characters each; they were joined again", scope="file",
             refusal="the lines are cut after {what} characters each"),
    _warning("other_charset", "the text is not in the character set that UNB declares: {what}", scope="file",
             refusal="the text is not in the character set that UNB declares: {what}"),
    _warning("wrong_trailer", "a trailer differs from what it ends, and is forgiven: {what}", scope="file",
             refusal="a trailer differs from what it ends: {what}"),
    _warning("no_records", "the file holds no record", scope="file"),
    _warning("total_rows", "{count} rows were taken for totals and left out, the first at {place}", scope="file",
             refusal="{count} rows look like totals, the first at {place}"),
    _warning("skipped_rows", "{count} rows were left out by the rule {value}, the first at {place}", scope="file",
             refusal="{count} rows are left out by the rule {value}, the first at {place}"),
    _warning("footer_rows", "{count} rows at the end were left out as the footer, the first at {place}: '{shown}'",
             scope="file", refusal="{count} rows at the end are a footer, the first at {place}: '{shown}'"),
    _warning("below_the_end", "{count} rows below a blank number were left out, the first at {place}", scope="file",
             refusal="{count} rows stand below a blank number, the first at {place}"),
    _warning("example_left_out", "the example row of the template was left out", scope="file",
             refusal="the example row of the template is still in it"),
    _warning("hidden_sheet", "the sheet {value} is hidden; it was read", scope="file",
             refusal="the sheet {value} is hidden"),
    _warning("other_sheet", "the sheet {value} was not read", scope="file",
             refusal="the workbook has another sheet, {value}"),
    _warning("hidden_rows", "hidden or filtered rows were read like the others: {count}, in {where}", scope="file",
             refusal="rows are hidden or filtered: {count}, in {where}"),
    _warning("struck_rows", "rows that are struck out were left out: {count}, in {where}", scope="file",
             refusal="rows are struck out: {count}, in {where}"),
    _warning("cell_comments", "comments on cells are not read: {count}, the first at {where}: '{shown}'", scope="file",
             refusal="cells have comments: {count}, the first at {where}: '{shown}'"),
    _warning("hidden_column", "the column {value} is hidden; it was read", scope="file",
             refusal="the column {value} is hidden"),
    _warning("shown_in_thousands", "cells of the column {value} are shown in thousands, such as {example} as '{shown}'"
             "; what they hold was read", "let the format show the whole number", scope="file",
             refusal="cells of the column {value} are shown in thousands, such as {example} as '{shown}'"),
    _warning("little_known_format", "in a {value} workbook {lost}", "save it as .xlsx", scope="file"),
    _warning("numbered_by_position", "the file has no line numbers: lines are numbered by their position", scope="file",
             refusal="the file has no line numbers"),
)  # fmt: skip

OF_OBJECTS: dict[str, str] = {
    "unknown_column": "the member {value} is not known and was left out",
    "lacking_column": "no object has the member {value}, which the feed reads as {field}",
    "cancels_unread": "the member {value} says {example}, and nobody reads it: what is cancelled is stored like the "
    "rest",
    "returns_unread": "the member {value} says {example}, and nobody reads it: what comes back is stored like the rest",
    "sign_unread": "the member {value} says {example}, and nobody reads it: the numbers of such rows are stored "
    "without their sign",
    "stock_status_unread": "the member {value} says {example}, and nobody reads it: such stock counts as on hand, like "
    "the rest",
    "price_unit_in_doubt": "the member {value} says that prices are for {example}, and each is taken as that of one",
    "currency_in_doubt": "the member {value} names {example}, and the amounts of the file are taken as {taken}",
    "unit_in_doubt": "the member {value} names {example}, and {what} are taken as {taken}",
    "column_gone": "the member {value} of the last file (job {job}) is gone{instead}",
    "column_new": "the member {value} is new since the last file (job {job})",
}
"""Sentences about columns, for a file of objects: a body of a request has no columns."""

RECORD_CODES = frozenset(name for name, code in CODES.items() if code.scope == "record")
"""Failures of a record itself: its cells can't be trusted, so nothing else is reported of them."""

OF_RECORDS: tuple[Scope, ...] = ("cell", "record", "line")
"""Scopes of failures about a record, or the line that it is, and not about its document or the whole file."""

ASIDE_CODES = frozenset(("beside_headings", "not_an_object"))
"""Failures of records that hold no document beside them: they have no cell of a row, so no document lacks a line."""

SYNTAX_CODES = frozenset(
    ("set_cut", "set_number", "set_count", "set_number_twice", "segment_missing", "element_missing", "bad_element",
     "bad_measure", "element_repeated", "bad_parent", "parent_nowhere", "too_deep", "unknown_segment",
     "misplaced_segment", "stray_line", "shipment_twice", "too_many_of", "excess_elements", "element_size",
     "stray_separator", "digit_missing", "small_code", "separator_missing", "loop_missing")
)  # fmt: skip
"""Failures of what a standard of interchanges forbids; a cell that is no field of ours may have them, too."""

NOTED_CODES = frozenset(("invisible_character", "zeros_put_back"))
"""What a format notes of cells that can be read all the same."""

UNREAD_CODES = frozenset(("undecodable_cell", "mixed_encoding", "ditto_mark"))
"""Failures of cells whose content nobody knows."""

SPOILED_CODES = UNREAD_CODES | {
    "error_cell", "not_calculated", "struck_out", "partly_struck", "date_in_id", "flag_in_id", "rounded_id",
    "control_character", "several_values", "element_twice", "part_of_line", "split_destinations", "places_add_up_to",
}  # fmt: skip
"""Failures of cells that the cell's text in a sheet doesn't show, or that are lost when the sheet is saved."""

CANCELS_NOTHING = ("unknown_to_cancel", "cancels_no_part")
"""Failures of cancels: of which no document is stored."""

SPELLING_CODES = frozenset(
    ("not_a_number", "ambiguous_number", "not_a_flag", "not_a_date", "ambiguous_date", "not_allowed", "unknown_code",
     "not_a_currency", "not_a_country", "not_json", "not_an_sscc", "not_a_gtin", "header_conflict", "line_conflict",
     "similar_key", "similar_spelling", "similar_line", "foreign_unit", "unknown_reference", "unknown_document",
     "unknown_contact", "unknown_column", "no_such_line")
)  # fmt: skip
"""Failures of texts that may look right: their sentences name characters that look like others."""

HOLDS: dict[str, str] = {
    "beside_torn_line": "it stands beside the torn row at {place}, which may be part of it",
    "above_blank_key": "the row at {place} below it has no number, and may be part of it",
    "swallowed": "the quote opened at {place} may have swallowed part of it",
    "file_held": "other documents of the file failed, and the feed takes all or nothing",
}
"""Why a document that has no failure of its own is not taken."""
