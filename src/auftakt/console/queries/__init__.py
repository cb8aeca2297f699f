"""What the screens read: joins over many floors, one statement each. The console writes nothing."""

from auftakt.console.queries.bench import bench, carriers, release, site_by_code, site_work, sites, to_release
from auftakt.console.queries.billing import InvoicePage, attempts, invoice_page, invoices
from auftakt.console.queries.customers import CustomerPage, customer_list, customer_page, payment_terms, segments
from auftakt.console.queries.home import find, home
from auftakt.console.queries.items import ItemPage, item_page, items
from auftakt.console.queries.live import Version, version
from auftakt.console.queries.orders import (
    OrderForm,
    OrderPage,
    addresses,
    changes_since,
    failed_orders,
    measures,
    order_face,
    order_form,
    order_page,
    people,
)
from auftakt.console.queries.paging import Page, beginning, cursor, first_id, like, loaded, page, position
from auftakt.console.queries.picking import customer_options, item_options
from auftakt.console.queries.sales import (
    Account,
    account,
    last_prices,
    next_customer_number,
    notes,
    open_invoices,
    prices_paid,
    suggestions,
)
from auftakt.console.queries.stock import stock

__all__ = [
    "Account",
    "CustomerPage",
    "InvoicePage",
    "ItemPage",
    "OrderForm",
    "OrderPage",
    "Page",
    "Version",
    "account",
    "addresses",
    "attempts",
    "beginning",
    "bench",
    "carriers",
    "changes_since",
    "cursor",
    "customer_list",
    "customer_options",
    "customer_page",
    "failed_orders",
    "find",
    "first_id",
    "home",
    "invoice_page",
    "invoices",
    "item_options",
    "item_page",
    "items",
    "last_prices",
    "like",
    "loaded",
    "measures",
    "next_customer_number",
    "notes",
    "open_invoices",
    "order_face",
    "order_form",
    "order_page",
    "page",
    "payment_terms",
    "people",
    "position",
    "prices_paid",
    "release",
    "segments",
    "site_by_code",
    "site_work",
    "sites",
    "stock",
    "suggestions",
    "to_release",
    "version",
]
