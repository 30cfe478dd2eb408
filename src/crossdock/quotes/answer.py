"""A quotation as the warehouse API answers it (contracts/http.md §4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.quotes.charges import Quote
from crossdock.quotes.quotation import Quotation

EXACT_DIGITS = 15
"""Decimal digits that a double keeps: JSON's numbers are read as doubles almost everywhere."""


def answer(quotation: Quotation) -> dict[str, Any]:
    """The body of the answer: JSON values under ``data``."""
    return {
        "data": {
            "quotes": [_quote(each) for each in quotation.quotes],
            "notQuoted": [{"carrierCode": carrier, "reason": reason} for carrier, reason in quotation.not_quoted],
            "notes": list(quotation.notes),
        }
    }


def _quote(quote: Quote) -> dict[str, Any]:
    rate = quote.rate
    return {
        "carrierCode": rate.carrier,
        "serviceLevel": rate.service,
        "mode": rate.mode,
        "currency": rate.currency,
        "linehaul": _number(quote.linehaul),
        "fuel": _number(quote.fuel),
        "accessorials": [{"code": code, "charge": _number(charge)} for code, charge in quote.accessorials],
        "total": _number(quote.total),
        "transitDays": rate.transit_days,
        "deliveryDate": quote.delivery.isoformat() if quote.delivery else None,
        "rateId": rate.id,
    }


def _number(amount: Decimal) -> int | float | str:
    """An amount as a JSON number that says just this amount; as text where no double can."""
    if amount == amount.to_integral_value():
        return int(amount)
    return float(amount) if len(amount.as_tuple().digits) <= EXACT_DIGITS else str(amount)
