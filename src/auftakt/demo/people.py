"""Invented customers of the demo company: dealers, chains, clubs and private riders in several countries."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from auftakt.parties.types import AddressDraft, ContactDraft, PartyDraft

# Country -> (currency, language, weight, places as (city, postal code, region)).
PLACES: dict[str, tuple[str, str, int, tuple[tuple[str, str, str], ...]]] = {
    "DE": ("EUR", "de", 48, (
        ("Berlin", "10115", ""), ("Hamburg", "20095", ""), ("München", "80331", ""), ("Köln", "50667", ""),
        ("Leipzig", "04109", ""), ("Stuttgart", "70173", ""), ("Bremen", "28195", ""), ("Dresden", "01067", ""),
        ("Freiburg im Breisgau", "79098", ""), ("Münster", "48143", ""), ("Nürnberg", "90402", ""),
        ("Oldenburg", "26122", ""), ("Kiel", "24103", ""), ("Regensburg", "93047", ""), ("Göttingen", "37073", ""),
    )),
    "AT": ("EUR", "de", 12, (
        ("Wien", "1010", ""), ("Graz", "8010", ""), ("Linz", "4020", ""), ("Salzburg", "5020", ""),
        ("Innsbruck", "6020", ""),
    )),
    "CH": ("EUR", "de", 6, (("Zürich", "8001", ""), ("Bern", "3011", ""), ("Basel", "4051", ""))),
    "NL": ("EUR", "en", 10, (("Amsterdam", "1012 AB", ""), ("Utrecht", "3511 AA", ""), ("Rotterdam", "3011 AA", ""))),
    "FR": ("EUR", "en", 8, (("Paris", "75001", ""), ("Lyon", "69001", ""), ("Strasbourg", "67000", ""))),
    "DK": ("EUR", "en", 4, (("København", "1050", ""), ("Aarhus", "8000", ""))),
    "BE": ("EUR", "en", 4, (("Bruxelles", "1000", ""), ("Gent", "9000", ""))),
    "US": ("USD", "en", 8, (
        ("Portland", "97201", "OR"), ("Denver", "80202", "CO"), ("New York", "10001", "NY"), ("Austin", "78701", "TX"),
        ("San Francisco", "94103", "CA"),
    )),
}  # fmt: skip
_GIVEN = (
    "Anna Ben Clara David Emma Felix Greta Hannes Ida Jonas Karla Leon Marie Nils Olivia Paul Rosa Simon Thea Vincent "
    "Lotte Emil Frieda Anton Mira Oskar Johanna Theo Elisa Hugo Sophie Matthias Nora Tobias Lena Jakob"
).split()
_FAMILY = (
    "Ackermann Bauer Claasen Dietrich Ebert Fischer Graf Hansen Iversen Jansen Keller Lorenz Maurer Neumann Otto "
    "Petersen Quandt Richter Schuster Thoma Ulrich Vogt Weber Zimmer Brandt Engel Falk Hartwig Krause Lindner Moser "
    "Novak Pichler Roth Seidel Timm Wagner Winter Ziegler Berger"
).split()
_STREETS = {
    "de": ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee", "Am Markt", "Mühlenweg", "Schillerstraße"),
    "en": ("Station Road", "Mill Lane", "Canal Street", "Market Street", "Harbour View", "Church Street"),
}
_SHOPS = {
    "de": ("Radhaus", "Zweirad", "Velo", "Fahrradladen", "Pedalwerk", "Radkultur", "Kettenblatt"),
    "en": ("Cycles", "Bike Works", "Velo House", "Spoke & Chain", "Pedal Store", "Wheel Room"),
}


def customers(count: int, random: Random) -> Iterator[PartyDraft]:
    """`count` customers: two in five are dealers, one in twenty a chain or club, the others private riders."""
    countries = list(PLACES)
    weights = [PLACES[country][2] for country in countries]
    for number in range(1, count + 1):
        country = random.choices(countries, weights)[0]
        draw = random.random()
        segment = "consumer" if draw > 0.45 else "chain" if draw < 0.03 else "club" if draw < 0.07 else "dealer"
        yield _customer(f"C{10_000 + number}", segment, country, random)


def _customer(number: str, segment: str, country: str, random: Random) -> PartyDraft:
    currency, language, _, places = PLACES[country]
    given, family = random.choice(_GIVEN), random.choice(_FAMILY)
    person = f"{given} {family}"
    city, postal_code, region = random.choice(places)
    private = segment == "consumer"
    shop = {
        "dealer": f"{random.choice(_SHOPS[language])} {family}",
        "chain": f"{random.choice(_SHOPS[language])} {city} GmbH" if language == "de" else f"{city} Bike Chain Ltd",
        "club": f"RV {city} e. V." if language == "de" else f"{city} Cycling Club",
        "consumer": person,
    }[segment]
    addresses = [_address(shop, city, postal_code, region, country, language, random, default=True)]
    if segment == "chain":
        other = random.choice(places)
        addresses.append(_address(f"{shop}, store 2", *other, country, language, random, default=False))
    handle = f"{given}.{family}".lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
    limit = {"dealer": 25_000, "chain": 150_000, "club": 5_000}.get(segment)
    return PartyDraft(
        number=number,
        name=shop,
        kind="person" if private else "organisation",
        segment=segment,
        currency=currency,
        language=language,
        payment_terms="PREPAID" if private else random.choice(("NET30", "NET30", "NET14", "2IN10NET30")),
        email=f"{handle}.{number[1:]}@example.{'com' if country == 'US' else 'org'}",
        addresses=tuple(addresses),
        contacts=() if private else (ContactDraft(person, "Purchasing", f"{handle}.{number[1:]}@example.org"),),
        credit_limit=Decimal(limit) if limit else None,
    )


def _address(
    name: str, city: str, postal_code: str, region: str, country: str, language: str, random: Random, *, default: bool
) -> AddressDraft:
    street, house = random.choice(_STREETS[language]), random.randint(1, 140)
    return AddressDraft(
        street=f"{street} {house}" if language == "de" else f"{house} {street}",
        city=city,
        country=country,
        postal_code=postal_code,
        region=region,
        name=name,
        is_default_bill_to=default,
        is_default_ship_to=default,
    )


SUPPLIERS = (
    ("S100", "Rahmenbau Ostsee GmbH", "DE", "Rostock", "18055", ""),
    ("S110", "Nordkette Antriebe AG", "DE", "Schweinfurt", "97421", ""),
    ("S120", "Alpen Laufrad GmbH", "AT", "Linz", "4020", ""),
    ("S130", "Lage Landen Banden BV", "NL", "Enschede", "7511 AA", ""),
    ("S140", "Lumière Vélo SARL", "FR", "Lyon", "69001", ""),
    ("S150", "Pacific Saddle Works Inc", "US", "Portland", "97201", "OR"),
)


def suppliers() -> list[PartyDraft]:
    """The suppliers of frames, drive trains, wheels, tyres, lights and saddles."""
    return [
        PartyDraft(
            number=number,
            name=name,
            is_customer=False,
            is_supplier=True,
            currency="EUR",
            language="de" if country in ("DE", "AT") else "en",
            payment_terms="NET30",
            addresses=(AddressDraft("Industriestraße 1", city, country, postal_code, region, name),),
        )
        for number, name, country, city, postal_code, region in SUPPLIERS
    ]
