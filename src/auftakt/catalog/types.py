"""The nouns of the catalog: items, units, kits, bills of material, categories, brands, and how items relate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.values import Lifecycle

# stocked: kept in stock. non_stock: bought or made when ordered. service: performed. kit: shipped as its components.
ITEM_KINDS = ("stocked", "non_stock", "service", "kit")
RELATION_KINDS = ("cross_sell", "up_sell", "substitute")
# none: pieces are alike. lot: what was made together bears a lot number. serial: each piece bears a number of its own.
TRACKINGS = ("none", "lot", "serial")
DIMENSIONS = ("count", "mass", "length", "area", "volume", "time")
ITEM_LIFECYCLE = Lifecycle.of(
    "item", "draft", (), activate=("draft phased_out", "active"), phase_out=("active", "phased_out")
)


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """A unit of measure. `decimals` is how finely it may be split: 0 for each, 3 for kilogram."""

    code: str
    name: str
    dimension: str = "count"
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A node of the category tree; `parent` is a code, also one of the same batch, or empty for a root."""

    code: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class BrandDraft:
    """Who makes items."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemUnitDraft:
    """Another unit in which an item trades: one `unit` is `factor` of the base unit (a case of 12: 12)."""

    unit: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    """`quantity` of a component, in its base unit, in one kit."""

    sku: str
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class TranslationDraft:
    """Name and description in another language."""

    language: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class RelationDraft:
    """Another item that goes with this one, is better than it, or replaces it; the lowest rank is shown first."""

    sku: str
    kind: str = "cross_sell"
    rank: int = 1


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item, known by `sku`. The scalar fields are the whole card.

    `category`, `brand`, `variant_of` are codes. `units`, `components`, `translations`, `relations`: None leaves them as
    they are, a tuple (also an empty one) replaces them. `image_id`, a document: None leaves the image as it is.
    `activate` takes an item out of draft; it does not bring a phased-out one back. `tracking` is one of TRACKINGS; a
    lot without a day of its own expires `shelf_life_days` after it came in, and ships while it keeps
    `min_remaining_days`.
    """

    sku: str
    name: str
    kind: str = "stocked"
    unit: str = "each"
    description: str = ""
    category: str = ""
    brand: str = ""
    variant_of: str = ""
    variant: str = ""
    weight_kg: Decimal = Decimal(0)
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    gtin: str = ""
    hs_code: str = ""
    origin_country: str = ""
    tax_category: str = "standard"
    image_id: UUID | None = None
    activate: bool = False
    tracking: str = "none"
    shelf_life_days: int | None = None
    min_remaining_days: int = 0
    units: tuple[ItemUnitDraft, ...] | None = None
    components: tuple[ComponentDraft, ...] | None = None
    translations: tuple[TranslationDraft, ...] | None = None
    relations: tuple[RelationDraft, ...] | None = None


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What must be known of an item when another one names it."""

    id: UUID
    sku: str
    kind: str
    state: str
    unit: str
    decimals: int
    is_variant: bool
    tracking: str = "none"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as orders, prices and stock need it.

    `units` maps unit -> how many base units one of it is (the base unit itself: 1), `unit_decimals` how finely each may
    be split. `category_ids`: the item's own category, then its ancestors up to the root. `components`: (item, sku, base
    quantity) of a kit, by sku.
    """

    id: UUID
    sku: str
    name: str
    kind: str
    state: str
    unit: str
    decimals: int
    units: Mapping[str, Decimal]
    unit_decimals: Mapping[str, int]
    weight_kg: Decimal
    tax_category: str
    category_ids: tuple[UUID, ...]
    components: tuple[tuple[UUID, str, Decimal], ...]
    tracking: str = "none"
    shelf_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as stored."""

    code: str
    name: str
    dimension: str
    decimals: int


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A category as stored; `path` holds the codes from the root down to itself."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """A brand as stored."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """An item related to another."""

    item_id: UUID
    related_id: UUID
    sku: str
    name: str
    kind: str
    rank: int
    state: str


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; empty means all. A category includes those below it."""

    text: str = ""
    kind: str = ""
    state: str = ""
    category: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class ItemFound:
    """An item in an answer to a search."""

    id: UUID
    sku: str
    name: str
    kind: str
    state: str
    unit: str


@dataclass(frozen=True, slots=True)
class ItemCard:
    """All that is known of an item, for lists and screens. `translations` maps language -> (name, description)."""

    id: UUID
    sku: str
    name: str
    description: str
    kind: str
    state: str
    category: str
    brand: str
    unit: str
    variant_of: str
    variant: str
    weight_kg: Decimal
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    gtin: str
    hs_code: str
    origin_country: str
    tax_category: str
    image_id: UUID | None
    created_at: datetime
    tracking: str
    shelf_life_days: int | None
    min_remaining_days: int
    units: Mapping[str, Decimal]
    components: tuple[tuple[str, Decimal], ...]
    translations: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ItemImage:
    """The document that shows an item; None takes the image away."""

    item_id: UUID
    document_id: UUID | None


@dataclass(frozen=True, slots=True)
class BillLineDraft:
    """`quantity` of a component, in its base unit, goes into one; `scrap_percent` of that is lost in the making.

    It holds from `valid_from` until before `valid_to`; None is without end.
    """

    sku: str
    quantity: Decimal = Decimal(1)
    scrap_percent: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class BillDraft:
    """What an item is made of, everywhere or at one plant (a site's code). Without lines the bill ends."""

    sku: str
    lines: tuple[BillLineDraft, ...]
    plant: str = ""


@dataclass(frozen=True, slots=True)
class BillLineFacts:
    """A line of a bill as stored; `is_made` tells whether the component has a bill itself."""

    position: int
    component_id: UUID
    sku: str
    name: str
    unit: str
    decimals: int
    quantity: Decimal
    scrap_percent: Decimal
    valid_from: date | None
    valid_to: date | None
    is_made: bool


@dataclass(frozen=True, slots=True)
class BillFacts:
    """A bill of material with all its lines, also those of other times."""

    id: UUID
    item_id: UUID
    sku: str
    name: str
    unit: str
    plant: str
    lines: tuple[BillLineFacts, ...]

    def on(self, day: date) -> tuple[BillLineFacts, ...]:
        """The lines that hold on a day."""
        return tuple(
            line
            for line in self.lines
            if (line.valid_from is None or line.valid_from <= day) and (line.valid_to is None or line.valid_to > day)
        )


@dataclass(frozen=True, slots=True)
class BillNode:
    """A place in an exploded bill: `per` of it goes into one of its parent, `quantity` (scrap included, not rounded)
    into all that is asked for. `number` is the wish it belongs to; level 0 is what was wished."""

    number: int
    level: int
    item_id: UUID
    parent_id: UUID | None
    sku: str
    name: str
    unit: str
    decimals: int
    per: Decimal
    scrap_percent: Decimal
    quantity: Decimal
    is_leaf: bool
