"""The invented assortment of the demo company: bicycles in sizes and colours, parts, kits, and services."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """An article of the assortment, before it becomes an item with prices and stock."""

    sku: str
    name: str
    name_de: str
    category: str
    brand: str
    price_eur: Decimal  # recommended retail price, tax included
    weight_kg: Decimal
    kind: str = "stocked"
    variant_of: str = ""
    variant: str = ""
    components: tuple[tuple[str, int], ...] = ()
    case_of: int = 0
    supplier: str = ""
    tax_category: str = "standard"
    phased_out: bool = False


CATEGORIES = (
    ("BIKES", "Bicycles", ""), ("CITY", "City and trekking", "BIKES"), ("ROAD", "Road and gravel", "BIKES"),
    ("MTB", "Mountain", "BIKES"), ("EBIKE", "E-bikes", "BIKES"), ("KIDS", "Children", "BIKES"),
    ("PARTS", "Parts", ""), ("DRIVE", "Drive train", "PARTS"), ("BRAKE", "Brakes", "PARTS"),
    ("WHEEL", "Wheels and tyres", "PARTS"), ("COCKPIT", "Handlebars and saddles", "PARTS"),
    ("GEAR", "Accessories", ""), ("LIGHT", "Lights", "GEAR"), ("LOCK", "Locks", "GEAR"), ("BAG", "Bags", "GEAR"),
    ("CARE", "Care and tools", "GEAR"), ("WEAR", "Helmets and clothing", "GEAR"),
    ("SERVICE", "Workshop and services", ""),
)  # fmt: skip
BRANDS = ("Taktrad", "Nordkette", "Alpen", "Lage Landen", "Lumière", "Pacific", "Hofwerk")

_MODELS = (
    ("STADTLICHT", "Stadtlicht", "CITY", 899, "15.2", ("46", "50", "54", "58"), ("graphite", "sage")),
    ("ELBUFER", "Elbufer Trekking", "CITY", 1199, "16.1", ("48", "52", "56", "60"), ("petrol", "black")),
    ("KONTOR", "Kontor Single Speed", "CITY", 649, "11.4", ("50", "54", "58"), ("cream", "navy")),
    ("KIESWEG", "Kiesweg Gravel", "ROAD", 2199, "9.6", ("50", "52", "54", "56", "58"), ("olive", "sand")),
    ("SERPENTINE", "Serpentine Road", "ROAD", 2899, "7.9", ("50", "52", "54", "56", "58"), ("white", "carbon")),
    ("WURZEL", "Wurzel 29", "MTB", 1799, "13.8", ("S", "M", "L", "XL"), ("rust", "forest")),
    ("GRAT", "Grat Full Suspension", "MTB", 3499, "14.2", ("S", "M", "L", "XL"), ("slate",)),
    ("RUECKENWIND", "Rückenwind E", "EBIKE", 3299, "24.5", ("46", "50", "54", "58"), ("graphite", "pearl")),
    ("LASTESEL", "Lastesel E-Cargo", "EBIKE", 5499, "38.0", ("one size",), ("yellow", "black")),
    ("DREIKAESEHOCH", "Dreikäsehoch 16", "KIDS", 349, "6.4", ("16 in",), ("red", "blue", "mint")),
    ("PAUSENHOF", "Pausenhof 20", "KIDS", 429, "8.1", ("20 in",), ("red", "blue")),
    ("SCHULWEG", "Schulweg 24", "KIDS", 549, "11.0", ("24 in",), ("orange", "blue")),
)
_PARTS = (
    ("KETTE", "Chain", "Kette", "DRIVE", "Nordkette", 29, "0.28", ("8-speed", "9-speed", "10-speed", "11-speed", "12-speed"), "S110", 12),
    ("KASSETTE", "Cassette", "Kassette", "DRIVE", "Nordkette", 59, "0.34", ("8-speed", "9-speed", "10-speed", "11-speed", "12-speed"), "S110", 0),
    ("KURBEL", "Crankset", "Kurbelgarnitur", "DRIVE", "Nordkette", 119, "0.75", ("170 mm", "172.5 mm", "175 mm"), "S110", 0),
    ("SCHALTWERK", "Rear derailleur", "Schaltwerk", "DRIVE", "Nordkette", 89, "0.27", ("short cage", "medium cage", "long cage"), "S110", 0),
    ("PEDAL", "Pedals", "Pedale", "DRIVE", "Hofwerk", 39, "0.38", ("flat", "clipless", "folding"), "S110", 6),
    ("SCHALTZUG", "Shift cable set", "Schaltzugset", "DRIVE", "Nordkette", 12, "0.08", ("black", "white"), "S110", 24),
    ("BREMSBELAG", "Brake pads", "Bremsbeläge", "BRAKE", "Nordkette", 14, "0.05", ("rim", "disc resin", "disc metal", "V-brake"), "S110", 24),
    ("SCHEIBE", "Brake rotor", "Bremsscheibe", "BRAKE", "Nordkette", 34, "0.14", ("140 mm", "160 mm", "180 mm", "203 mm"), "S110", 0),
    ("BREMSE", "Hydraulic brake", "Hydraulikbremse", "BRAKE", "Nordkette", 109, "0.42", ("front", "rear"), "S110", 0),
    ("REIFEN", "Tyre", "Reifen", "WHEEL", "Lage Landen", 36, "0.62", ("28-622", "32-622", "37-622", "40-622", "47-622", "54-584", "57-622", "60-622"), "S130", 10),
    ("SCHLAUCH", "Inner tube", "Schlauch", "WHEEL", "Lage Landen", 8, "0.16", ("20 in", "24 in", "26 in", "27.5 in", "28 in", "29 in"), "S130", 25),
    ("LAUFRAD", "Wheel", "Laufrad", "WHEEL", "Alpen", 159, "1.05", ("front 28", "rear 28", "front 29", "rear 29"), "S120", 0),
    ("FELGENBAND", "Rim tape", "Felgenband", "WHEEL", "Alpen", 6, "0.03", ("16 mm", "20 mm", "25 mm"), "S120", 50),
    ("SPEICHE", "Spoke, set of 20", "Speichensatz 20 Stück", "WHEEL", "Alpen", 19, "0.13", ("262 mm", "284 mm", "292 mm"), "S120", 0),
    ("LENKER", "Handlebar", "Lenker", "COCKPIT", "Hofwerk", 49, "0.31", ("flat 620", "flat 720", "drop 42", "drop 44", "riser"), "S110", 0),
    ("VORBAU", "Stem", "Vorbau", "COCKPIT", "Hofwerk", 34, "0.16", ("60 mm", "80 mm", "100 mm"), "S110", 0),
    ("GRIFF", "Grips", "Griffe", "COCKPIT", "Hofwerk", 24, "0.12", ("cork", "rubber", "ergonomic"), "S110", 12),
    ("SATTEL", "Saddle", "Sattel", "COCKPIT", "Pacific", 79, "0.33", ("city", "trekking", "sport", "gel", "leather"), "S150", 0),
    ("STUETZE", "Seat post", "Sattelstütze", "COCKPIT", "Hofwerk", 39, "0.28", ("27.2", "30.9", "31.6"), "S110", 0),
    ("LENKERBAND", "Bar tape", "Lenkerband", "COCKPIT", "Pacific", 19, "0.06", ("black", "white", "brown", "olive"), "S150", 12),
    ("FRONTLICHT", "Front light", "Frontlicht", "LIGHT", "Lumière", 49, "0.11", ("40 lux", "80 lux", "100 lux"), "S140", 0),
    ("RUECKLICHT", "Rear light", "Rücklicht", "LIGHT", "Lumière", 25, "0.05", ("battery", "dynamo", "brake light"), "S140", 12),
    ("REFLEKTOR", "Spoke reflectors", "Speichenreflektoren", "LIGHT", "Lumière", 9, "0.04", ("36 pieces", "72 pieces"), "S140", 24),
    ("FALTSCHLOSS", "Folding lock", "Faltschloss", "LOCK", "Hofwerk", 89, "1.10", ("85 cm", "100 cm"), "S100", 0),
    ("BUEGELSCHLOSS", "U-lock", "Bügelschloss", "LOCK", "Hofwerk", 69, "1.35", ("230 mm", "300 mm"), "S100", 0),
    ("KETTENSCHLOSS", "Chain lock", "Kettenschloss", "LOCK", "Hofwerk", 59, "1.80", ("85 cm", "110 cm"), "S100", 0),
    ("GEPAECKTASCHE", "Pannier", "Gepäcktasche", "BAG", "Pacific", 74, "0.86", ("black", "yellow", "blue", "grey"), "S150", 0),
    ("LENKERTASCHE", "Handlebar bag", "Lenkertasche", "BAG", "Pacific", 59, "0.40", ("black", "olive"), "S150", 0),
    ("SATTELTASCHE", "Saddle bag", "Satteltasche", "BAG", "Pacific", 29, "0.18", ("S", "M", "L"), "S150", 0),
    ("KORB", "Basket", "Fahrradkorb", "BAG", "Hofwerk", 39, "1.20", ("wire", "wicker"), "S100", 0),
    ("PUMPE", "Pump", "Luftpumpe", "CARE", "Hofwerk", 34, "0.45", ("mini", "floor", "CO2"), "S100", 0),
    ("KETTENOEL", "Chain oil 100 ml", "Kettenöl 100 ml", "CARE", "Nordkette", 9, "0.12", ("dry", "wet", "wax"), "S110", 24),
    ("REINIGER", "Cleaner 500 ml", "Reiniger 500 ml", "CARE", "Nordkette", 13, "0.55", ("bike", "disc"), "S110", 12),
    ("MULTITOOL", "Multi-tool", "Multiwerkzeug", "CARE", "Hofwerk", 29, "0.16", ("10 functions", "18 functions"), "S100", 12),
    ("FLICKZEUG", "Patch kit", "Flickzeug", "CARE", "Lage Landen", 5, "0.04", ("classic", "self-adhesive"), "S130", 48),
    ("MONTAGESTAENDER", "Work stand", "Montageständer", "CARE", "Hofwerk", 129, "6.20", ("standard", "pro"), "S100", 0),
    ("HELM", "Helmet", "Helm", "WEAR", "Pacific", 79, "0.29", ("S black", "M black", "L black", "S white", "M white", "L white", "child red", "child blue"), "S150", 0),
    ("HANDSCHUH", "Gloves", "Handschuhe", "WEAR", "Pacific", 29, "0.09", ("S", "M", "L", "XL"), "S150", 0),
    ("REGENJACKE", "Rain jacket", "Regenjacke", "WEAR", "Pacific", 119, "0.32", ("S", "M", "L", "XL"), "S150", 0),
    ("WARNWESTE", "High-visibility vest", "Warnweste", "WEAR", "Pacific", 15, "0.12", ("M", "XL"), "S150", 24),
    ("STAENDER", "Kickstand", "Ständer", "GEAR", "Hofwerk", 22, "0.45", ("24-28 in", "e-bike"), "S100", 12),
    ("GEPAECKTRAEGER", "Rack", "Gepäckträger", "GEAR", "Hofwerk", 54, "0.78", ("26-29 in", "e-bike"), "S100", 0),
    ("KLINGEL", "Bell", "Klingel", "GEAR", "Hofwerk", 12, "0.06", ("brass", "black", "red"), "S100", 24),
    ("FLASCHE", "Bottle 750 ml", "Trinkflasche 750 ml", "GEAR", "Pacific", 11, "0.08", ("clear", "black", "green"), "S150", 24),
    ("FLASCHENHALTER", "Bottle cage", "Flaschenhalter", "GEAR", "Pacific", 14, "0.04", ("black", "silver"), "S150", 12),
    ("KINDERSITZ", "Child seat", "Kindersitz", "GEAR", "Taktrad", 119, "3.60", ("front", "rear"), "S100", 0),
    ("SCHUTZBLECH", "Mudguard set", "Schutzblechset", "GEAR", "Hofwerk", 32, "0.52", ("28 in", "29 in", "26 in"), "S100", 0),
)  # fmt: skip
_KITS = (
    ("SET-LICHT", "Light set", "Lichtset", "LIGHT", 69, (("FRONTLICHT-1", 1), ("RUECKLICHT-1", 1))),
    ("SET-PANNE", "Puncture set", "Pannenset", "CARE", 44, (("SCHLAUCH-5", 1), ("FLICKZEUG-1", 1), ("PUMPE-1", 1))),
    ("SET-PFLEGE", "Care set", "Pflegeset", "CARE", 29, (("KETTENOEL-1", 1), ("REINIGER-1", 1), ("MULTITOOL-1", 1))),
    ("SET-BREMSE", "Disc brake set", "Scheibenbremsset", "BRAKE", 249, (("BREMSE-1", 1), ("BREMSE-2", 1), ("SCHEIBE-2", 2))),
    ("SET-ANTRIEB", "Drive train set 11-speed", "Antriebsset 11-fach", "DRIVE", 259, (("KETTE-4", 1), ("KASSETTE-4", 1), ("KURBEL-2", 1))),
    ("SET-REISE", "Touring bags", "Reisetaschenset", "BAG", 189, (("GEPAECKTASCHE-1", 2), ("LENKERTASCHE-1", 1))),
    ("SET-SCHULE", "School start set", "Schulstartset", "WEAR", 99, (("HELM-7", 1), ("WARNWESTE-1", 1), ("KLINGEL-3", 1))),
    ("SET-LAUFRAD", "Wheel set 28", "Laufradsatz 28", "WHEEL", 299, (("LAUFRAD-1", 1), ("LAUFRAD-2", 1))),
    ("SET-SICHER", "Safety set", "Sicherheitsset", "LOCK", 149, (("FALTSCHLOSS-1", 1), ("HELM-2", 1), ("REFLEKTOR-1", 1))),
    ("SET-REIFEN", "Tyre set 37-622", "Reifenset 37-622", "WHEEL", 79, (("REIFEN-3", 2), ("SCHLAUCH-5", 2))),
)  # fmt: skip
_SERVICES = (
    ("INSPEKTION", "Inspection", "Inspektion", 79),
    ("MONTAGE", "Assembly on site", "Montage vor Ort", 129),
    ("CODIERUNG", "Anti-theft coding", "Codierung", 25),
    ("ENTSORGUNG", "Take-back of an old bicycle", "Altradentsorgung", 35),
)


def products() -> Iterator[Product]:
    """The whole assortment: bicycles by size and colour, parts by kind, kits after their components, services."""
    yield from _bicycles()
    for sku, name, name_de, category, brand, price, weight, variants, supplier, case in _PARTS:
        for number, variant in enumerate(variants, 1):
            yield Product(
                sku=f"{sku}-{number}",
                name=f"{name}, {variant}",
                name_de=f"{name_de}, {variant}",
                category=category,
                brand=brand,
                price_eur=Decimal(price + 2 * (number - 1)),
                weight_kg=Decimal(weight),
                variant_of=f"{sku}-1" if number > 1 else "",
                variant=variant,
                case_of=case,
                supplier=supplier,
                phased_out=variant in ("CO2", "wicker", "gel"),
            )
    for sku, name, name_de, category, price, components in _KITS:
        yield Product(sku, name, name_de, category, "Taktrad", Decimal(price), Decimal(1), "kit", components=components)
    for sku, name, name_de, price in _SERVICES:
        yield Product(sku, name, name_de, "SERVICE", "Taktrad", Decimal(price), Decimal(0), "service")
    yield Product(
        "WUNSCHLACK", "Custom paint", "Wunschlackierung", "SERVICE", "Taktrad", Decimal(290), Decimal(0), "non_stock"
    )


def _bicycles() -> Iterator[Product]:
    for sku, name, category, price, weight, sizes, colours in _MODELS:
        first = ""
        for size in sizes:
            for colour in colours:
                own = f"{sku}-{size.split()[0]}-{colour[:3].upper()}"
                yield Product(
                    sku=own,
                    name=f"{name}, {size}, {colour}",
                    name_de=f"{name}, {size}, {colour}",
                    category=category,
                    brand="Taktrad",
                    price_eur=Decimal(price),
                    weight_kg=Decimal(weight),
                    variant_of=first,
                    variant=f"{size}, {colour}",
                )
                first = first or own
