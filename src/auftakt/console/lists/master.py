"""Lists of master data."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.catalog.types import ITEM_KINDS
from auftakt.console import formats, words
from auftakt.console.countries import country
from auftakt.console.queries import customers, master
from auftakt.console.tables import Choice, Column, Empty, Table, Toggle
from auftakt.identity.types import Role
from auftakt.inventory.types import SITE_KINDS


def _words_of(codes: Any) -> list[tuple[str, str]]:
    return [(code, words.word(code)) for code in codes]


def _to(route: str, key: str = "code") -> Any:
    return lambda row: reverse(f"console:{route}", args=[getattr(row, key)])


def _indented(row: Any) -> Any:
    return format_html('<span class="depth depth-{}">{}</span>', min(row.depth, 6), row.name)


def _free(row: Any) -> Any:
    if row.kind != "stocked":
        return ""
    return format_html('{} <span class="faint small">{}</span>', formats.number(row.free or 0), row.unit)


def _period(row: Any) -> Any:
    if not row.valid_from and not row.valid_to:
        return _("always")
    return f"{formats.day(row.valid_from)} – {formats.day(row.valid_to)}"


CATEGORIES = Table(
    name="categories",
    title=gettext_lazy("Categories"),
    words=gettext_lazy("Name or code"),
    sort="path",
    read=master.category_list,
    href=_to("category_edit"),
    columns=(
        Column("name", gettext_lazy("Name"), sort="path", head=True, show=_indented, link=_to("category_edit")),
        Column("code", gettext_lazy("Code"), "code", sort="code"),
        Column("parent", gettext_lazy("Below")),
        Column("items", gettext_lazy("Items"), "number", sort="items"),
    ),
    empty=Empty(
        "items",
        gettext_lazy("No category yet"),
        gettext_lazy("Categories sort the items, and discounts can speak of them."),
        gettext_lazy("New category"),
        reverse_lazy("console:category_new"),
        "catalog.edit",
    ),
)
BRANDS = Table(
    name="brands",
    title=gettext_lazy("Brands"),
    words=gettext_lazy("Name or code"),
    sort="name",
    read=master.brand_list,
    href=_to("brand_edit"),
    columns=(
        Column("name", gettext_lazy("Name"), sort="name", head=True, link=_to("brand_edit")),
        Column("code", gettext_lazy("Code"), "code", sort="code"),
        Column("items", gettext_lazy("Items"), "number", sort="items"),
    ),
    empty=Empty(
        "items",
        gettext_lazy("No brand yet"),
        gettext_lazy("A brand says who makes an item."),
        gettext_lazy("New brand"),
        reverse_lazy("console:brand_new"),
        "catalog.edit",
    ),
)
UNITS = Table(
    name="units",
    title=gettext_lazy("Units"),
    words=gettext_lazy("Name or code"),
    sort="code",
    read=master.unit_list,
    href=_to("unit_edit"),
    columns=(
        Column("code", gettext_lazy("Code"), sort="code", head=True, link=_to("unit_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("dimension", gettext_lazy("Measures"), "word", sort="dimension"),
        Column("decimals", gettext_lazy("Decimals"), "number", sort="decimals"),
    ),
    empty=Empty(
        "items",
        gettext_lazy("No unit yet"),
        gettext_lazy("Items are counted, weighed or measured in units."),
        gettext_lazy("New unit"),
        reverse_lazy("console:unit_new"),
        "catalog.edit",
    ),
)
ITEMS = Table(
    name="items",
    title=gettext_lazy("Items"),
    words=gettext_lazy("Number, name or GTIN"),
    sort="sku",
    read=master.item_list,
    href=_to("item", "sku"),
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_to("item", "sku")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("kind", gettext_lazy("Kind"), "word"),
        Column("category", gettext_lazy("Category")),
        Column("brand", gettext_lazy("Brand")),
        Column("state", gettext_lazy("State"), "badge"),
        Column("free", gettext_lazy("Free"), "number", show=_free, rule="stock.view"),
        Column("gtin", "GTIN", "code", shown=False),
        Column("weight_kg", gettext_lazy("Weight in kg"), "number", shown=False),
        Column("created_at", gettext_lazy("Created"), "instant", sort="created_at", shown=False),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: _words_of(("active", "draft", "phased_out")),
            chips=True,
        ),
        Toggle(name="in_stock", title=gettext_lazy("In stock")),
        Toggle(name="unpriced", title=gettext_lazy("Without a price")),
        Choice(name="kind", title=gettext_lazy("Kind"), options=lambda: _words_of(ITEM_KINDS)),
        Choice(name="category", title=gettext_lazy("Category"), options=master.category_codes),
        Choice(name="brand", title=gettext_lazy("Brand"), options=master.brand_codes),
    ),
    empty=Empty(
        "items",
        gettext_lazy("No item yet"),
        gettext_lazy("Create the first one by hand, or import a file."),
        gettext_lazy("New item"),
        reverse_lazy("console:item_new"),
        "catalog.edit",
    ),
)
SITES = Table(
    name="sites",
    title=gettext_lazy("Sites"),
    words=gettext_lazy("Name, code or city"),
    sort="code",
    read=master.site_list,
    href=_to("site_edit"),
    columns=(
        Column("code", gettext_lazy("Site"), sort="code", head=True, link=_to("site_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("kind", gettext_lazy("Kind"), "word"),
        Column("city", gettext_lazy("City"), sort="city"),
        Column("country", gettext_lazy("Country"), show=lambda row: country(row.country)),
        Column("ships_orders", gettext_lazy("Ships orders"), "yes"),
        Column("processing_days", gettext_lazy("Processing days"), "number", sort="processing_days"),
        Column("lanes", gettext_lazy("Lanes"), "number", sort="lanes"),
        Column("state", gettext_lazy("State"), "badge"),
    ),
    filters=(
        Choice(
            name="open",
            title=gettext_lazy("State"),
            options=lambda: [("yes", _("Open")), ("no", _("Closed"))],
            chips=True,
        ),
        Choice(name="kind", title=gettext_lazy("Kind"), options=lambda: _words_of(SITE_KINDS)),
    ),
    empty=Empty(
        "bench",
        gettext_lazy("No site yet"),
        gettext_lazy("A site is where goods are: a distribution centre, a store, a plant."),
        gettext_lazy("New site"),
        reverse_lazy("console:site_new"),
        "sites.edit",
    ),
)
PRICE_LISTS = Table(
    name="price_lists",
    title=gettext_lazy("Price lists"),
    words=gettext_lazy("Name or code"),
    sort="code",
    read=master.price_list_list,
    href=_to("price_list"),
    columns=(
        Column("code", gettext_lazy("Price list"), sort="code", head=True, link=_to("price_list")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("currency", gettext_lazy("Currency"), sort="currency"),
        Column("segment", gettext_lazy("Segment"), show=lambda row: row.segment or _("all")),
        Column("channel", gettext_lazy("Channel"), show=lambda row: words.word(row.channel) or _("all")),
        Column("rank", gettext_lazy("Rank"), "number", sort="rank"),
        Column("tax_included", gettext_lazy("With tax"), "yes"),
        Column("valid", gettext_lazy("Valid"), show=_period, value=_period),
        Column("prices", gettext_lazy("Prices"), "number"),
    ),
    filters=(
        Choice(
            name="currency",
            title=gettext_lazy("Currency"),
            options=lambda: [(code, code) for code in ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "PLN", "CZK")],
        ),
    ),
    empty=Empty(
        "payment",
        gettext_lazy("No price list yet"),
        gettext_lazy("An item without a price cannot be sold: begin with a list for all customers."),
        gettext_lazy("New price list"),
        reverse_lazy("console:price_list_new"),
        "prices.edit",
    ),
)


def _off(row: Any) -> str:
    return formats.rate(row.value) if row.kind == "percent" else formats.price(row.value, row.currency)


def _for(row: Any) -> str:
    parts = (row.sku, row.category, row.customer, row.segment, words.word(row.channel) if row.channel else "")
    return ", ".join(part for part in parts if part) or _("everything")


DISCOUNTS = Table(
    name="discounts",
    title=gettext_lazy("Discounts"),
    words=gettext_lazy("Name, code, item or customer"),
    sort="rank",
    read=master.discount_list,
    href=_to("discount_edit"),
    columns=(
        Column("code", gettext_lazy("Discount"), sort="code", head=True, link=_to("discount_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("off", gettext_lazy("Off"), show=_off, value=_off),
        Column("on", gettext_lazy("Applies to"), show=_for, value=_for),
        Column("from_quantity", gettext_lazy("From quantity"), "number"),
        Column("rank", gettext_lazy("Rank"), "number", sort="rank"),
        Column("stacks", gettext_lazy("Others after it"), "yes"),
        Column("valid", gettext_lazy("Valid"), show=_period, value=_period),
    ),
    filters=(
        Choice(
            name="segment",
            title=gettext_lazy("Segment"),
            options=lambda: [(code, code) for code in customers.segments()],
        ),
    ),
    empty=Empty(
        "payment",
        gettext_lazy("No discount yet"),
        gettext_lazy("A discount lowers the prices of the lines that all its conditions fit."),
        gettext_lazy("New discount"),
        reverse_lazy("console:discount_new"),
        "prices.edit",
    ),
)
ZONES = Table(
    name="zones",
    title=gettext_lazy("Shipping charges"),
    words=gettext_lazy("Name or code"),
    sort="code",
    read=master.zone_list,
    href=_to("zone_edit"),
    columns=(
        Column("code", gettext_lazy("Zone"), sort="code", head=True, link=_to("zone_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("countries", gettext_lazy("Countries")),
        Column("rates", gettext_lazy("Steps"), "number"),
    ),
    empty=Empty(
        "truck",
        gettext_lazy("No shipping zone yet"),
        gettext_lazy("A zone says what shipping into its countries costs."),
        gettext_lazy("New zone"),
        reverse_lazy("console:zone_new"),
        "prices.edit",
    ),
)
TERMS = Table(
    name="payment_terms",
    title=gettext_lazy("Payment terms"),
    words=gettext_lazy("Name or code"),
    sort="due_days",
    read=master.terms_list,
    href=_to("terms_edit"),
    columns=(
        Column("code", gettext_lazy("Code"), sort="code", head=True, link=_to("terms_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("due_days", gettext_lazy("Days until due"), "number", sort="due_days"),
        Column("discount_percent", gettext_lazy("Early payment discount"), "rate"),
        Column("discount_days", gettext_lazy("within days"), "number"),
        Column("prepaid", gettext_lazy("In advance"), "yes"),
        Column("customers", gettext_lazy("Customers"), "number"),
    ),
    empty=Empty(
        "payment",
        gettext_lazy("No payment terms yet"),
        gettext_lazy("Payment terms say when an invoice is due."),
        gettext_lazy("New payment terms"),
        reverse_lazy("console:terms_new"),
        "settings.edit",
    ),
)
ENTITIES = Table(
    name="legal_entities",
    title=gettext_lazy("Own companies"),
    words=gettext_lazy("Name or code"),
    sort="code",
    read=master.entity_list,
    href=_to("entity_edit"),
    columns=(
        Column("code", gettext_lazy("Code"), sort="code", head=True, link=_to("entity_edit")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("city", gettext_lazy("City")),
        Column("country", gettext_lazy("Country"), show=lambda row: country(row.country)),
        Column("currency", gettext_lazy("Currency")),
        Column("vat_id", gettext_lazy("VAT ID"), "code"),
    ),
    empty=Empty(
        "home",
        gettext_lazy("No company yet"),
        gettext_lazy("The company that sells and writes the invoices."),
        gettext_lazy("New company"),
        reverse_lazy("console:entity_new"),
        "settings.edit",
    ),
)


def _destination(row: Any) -> str:
    return f"{country(row.country)}, {row.region}" if row.region else country(row.country)


TAXES = Table(
    name="tax_rates",
    title=gettext_lazy("Tax rates"),
    words=gettext_lazy("Country, region or name"),
    sort="place",
    read=master.tax_list,
    href=_to("tax_edit", "id"),
    columns=(
        Column(
            "place",
            gettext_lazy("Destination"),
            sort="place",
            head=True,
            show=_destination,
            value=_destination,
            link=_to("tax_edit", "id"),
        ),
        Column("tax_category", gettext_lazy("Category"), "word"),
        Column("name", gettext_lazy("Called"), sort="name"),
        Column("rate", gettext_lazy("Rate"), "rate", sort="rate"),
        Column("valid_from", gettext_lazy("From"), "day"),
        Column("valid_to", gettext_lazy("Until before"), "day"),
    ),
    filters=(
        Toggle(name="current", title=gettext_lazy("In force today")),
        Choice(
            name="country",
            title=gettext_lazy("Country"),
            options=lambda: [(code, country(code)) for code in master.tax_countries()],
        ),
    ),
    empty=Empty(
        "invoice",
        gettext_lazy("No tax rate yet"),
        gettext_lazy("Without a rate for its destination an order cannot be priced."),
        gettext_lazy("New tax rate"),
        reverse_lazy("console:tax_new"),
        "settings.edit",
    ),
)


def _roles(row: Any) -> str:
    return ", ".join(words.word(role) for role in row.roles.split())


USERS = Table(
    name="users",
    title=gettext_lazy("Users"),
    words=gettext_lazy("Name or e-mail"),
    sort="name",
    read=master.user_list,
    href=_to("user", "id"),
    columns=(
        Column("name", gettext_lazy("Name"), sort="name", head=True, link=_to("user", "id")),
        Column("email", gettext_lazy("E-mail"), sort="email"),
        Column("roles", gettext_lazy("Roles"), show=_roles, value=_roles),
        Column("site_code", gettext_lazy("Works at"), sort="site_code"),
        Column("language", gettext_lazy("Language"), show=lambda row: row.language.upper()),
        Column("last_login", gettext_lazy("Last log-in"), "instant"),
        Column("created_at", gettext_lazy("Created"), "instant", sort="created_at", shown=False),
        Column("state", gettext_lazy("State"), "badge"),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: _words_of(("active", "inactive")),
            chips=True,
        ),
        Choice(name="role", title=gettext_lazy("Role"), options=lambda: _words_of([role.value for role in Role])),
    ),
    empty=Empty("users", gettext_lazy("No user fits"), gettext_lazy("Take a filter away or search by another word.")),
)


def _rights(row: Any) -> Any:
    spoken = "; ".join(words.permission(code) for code in row.scopes)
    return format_html('<span title="{}">{}</span>', spoken, row.rights)


KEYS = Table(
    name="api_keys",
    title=gettext_lazy("API keys"),
    words=gettext_lazy("Name or beginning"),
    sort="-created_at",
    read=master.key_list,
    href=_to("api_key", "id"),
    columns=(
        Column("name", gettext_lazy("Name"), sort="name", head=True, link=_to("api_key", "id")),
        Column("prefix", gettext_lazy("Begins with"), "code"),
        Column("rights", gettext_lazy("Rights"), "number", show=_rights),
        Column("last_used_on", gettext_lazy("Last used"), "day"),
        Column("created_at", gettext_lazy("Made"), "instant", sort="created_at", note="created_by"),
        Column("state", gettext_lazy("State"), "badge"),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: _words_of(("active", "revoked")),
            chips=True,
        ),
    ),
    empty=Empty(
        "key",
        gettext_lazy("No key yet"),
        gettext_lazy("Make one for each program, so that each can be revoked on its own."),
        gettext_lazy("New key"),
        reverse_lazy("console:api_key_new"),
    ),
)
