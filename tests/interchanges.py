"""Interchanges that tests need: the samples of others, and small ones of our own."""

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parent / "formats" / "edi" / "samples"
OPTIONAL = 'optional = ["shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country", "shipTo.postalCode"]'
"""Parts of addresses that the samples lack."""


def partner_of(
    *sets: str, document: str = "sales_order", edi: str = 'usage = "live"', keys: str = OPTIONAL, name: str = "acme"
) -> str:
    """The TOML of a partner with one feed that takes those sets."""
    named = ", ".join(f'"{each}"' for each in sets)
    return f"""
id = "{name}"
zone = "America/Chicago"
business_units = ["BU1"]
[edi]
{edi}
[[feed]]
document = "{document}"
files = "*"
sets = [{named}]
constants = {{ businessUnitId = "BU1"{', currency = "USD"' if document == "sales_order" else ""} }}
{keys}
"""


def sample(name: str) -> bytes:
    """One of the samples."""
    return (SAMPLES / f"{name}.edi").read_bytes()


def order(number: str, *lines: str, action: str = "N") -> tuple[str, ...]:
    """The segments of a 940, each line as ``quantity unit item``."""
    body = [f"W05*{action}*{number}", "N1*ST*Ada Lovelace", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB"]
    for place, line in enumerate(lines, 1):
        quantity, unit, item = line.split(" ")
        body += [f"LX*{place}", f"W01*{quantity}*{unit}**VN*{item}"]
    return tuple(body)


def interchange(
    *sets: tuple[str, ...],
    number: int = 1,
    usage: str = "P",
    type_: str = "940",
    group: str = "OW",
    sender: str = "ZZ:THEM",
    receiver: str = "ZZ:US",
    version: str = "004010",
) -> bytes:
    """An interchange of one group with those sets, each the segments between ST and SE."""
    qualifier, identity = sender.split(":")
    our_qualifier, ours = receiver.split(":")
    isa = ["ISA", "00", " " * 10, "00", " " * 10, qualifier, f"{identity:15}", our_qualifier, f"{ours:15}", "261125",
           "0900", "U", "00401", f"{number:09}", "0", usage, ">"]  # fmt: skip
    segments = ["*".join(isa), f"GS*{group}*{identity}*{ours}*20261125*0900*{number}*X*{version}"]
    for place, body in enumerate(sets, 1):
        segments += [f"ST*{type_}*{place:04}", *body, f"SE*{len(body) + 2}*{place:04}"]
    segments += [f"GE*{len(sets)}*{number}", f"IEA*1*{number:09}"]
    return "".join(f"{each}~\n" for each in segments).encode()


def message(type_: str, *segments: str, number: int = 1) -> bytes:
    """An interchange of EDIFACT with one message, the segments between UNH and UNT."""
    body = [f"UNH+1+{type_}:D:96A:UN", *segments, f"UNT+{len(segments) + 2}+1"]
    ends = f"UNB+UNOC:3+THEM+US+261125:0900+{number}", f"UNZ+1+{number}"
    return "".join(f"{each}'\n" for each in [ends[0], *body, ends[1]]).encode()
