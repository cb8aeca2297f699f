"""The words for codes: states, roles, reasons, journal verbs. A code without a word is shown, made readable."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Badge(NamedTuple):
    """A status as people see it: word, tone, and the shape that tells it without colour."""

    label: Any
    tone: str
    icon: str


BADGES: Mapping[str, Badge] = {
    "draft": Badge(_("Draft"), "rest", "pencil"),
    "submitted": Badge(_("In progress"), "info", "half"),
    "closed": Badge(_("Closed"), "ok", "check"),
    "cancelled": Badge(_("Cancelled"), "rest", "close"),
    "on_hold": Badge(_("On hold"), "warn", "pause"),
    "unpromised": Badge(_("No date yet"), "bad", "diamond"),
    "open": Badge(_("Open"), "rest", "circle"),
    "promised": Badge(_("Promised"), "info", "calendar"),
    "released": Badge(_("Released"), "info", "half"),
    "picked": Badge(_("Picked"), "info", "half"),
    "packed": Badge(_("Packed"), "info", "half"),
    "shipped": Badge(_("Shipped"), "ok", "truck"),
    "performed": Badge(_("Performed"), "ok", "check"),
    "delivered": Badge(_("Delivered"), "ok", "check"),
    "lost": Badge(_("Lost"), "bad", "warning"),
    "active": Badge(_("Active"), "ok", "check"),
    "phased_out": Badge(_("Phased out"), "rest", "close"),
    "blocked": Badge(_("Blocked"), "bad", "warning"),
    "sending": Badge(_("Being sent"), "info", "half"),
    "sent": Badge(_("Sent"), "ok", "check"),
    "pending": Badge(_("Waiting"), "info", "clock"),
    "paused": Badge(_("Paused"), "warn", "pause"),
    "retired": Badge(_("Removed"), "rest", "close"),
    "failing": Badge(_("Failing"), "bad", "warning"),
    "inactive": Badge(_("Inactive"), "rest", "close"),
    "revoked": Badge(_("Revoked"), "rest", "close"),
    "paid": Badge(_("Paid"), "ok", "check"),
    "part_paid": Badge(_("Part paid"), "info", "half"),
    "overdue": Badge(_("Overdue"), "bad", "warning"),
    "unpaid": Badge(_("Open"), "info", "circle"),
    "credited": Badge(_("Credited"), "rest", "minus"),
    "credit_note": Badge(_("Credit note"), "rest", "minus"),
    "started": Badge(_("Started"), "info", "half"),
    "succeeded": Badge(_("Succeeded"), "ok", "check"),
    "declined": Badge(_("Declined"), "bad", "close"),
    "in_doubt": Badge(_("In doubt"), "warn", "question"),
    "failed": Badge(_("Failed"), "bad", "warning"),
    "ready": Badge(_("Ready"), "info", "play"),
    "waiting": Badge(_("Waiting"), "rest", "clock"),
    "done": Badge(_("Done"), "ok", "check"),
    "skipped": Badge(_("Skipped"), "rest", "minus"),
    "running": Badge(_("Running"), "info", "half"),
    "queued": Badge(_("In the queue"), "rest", "clock"),
    "refused": Badge(_("Refused"), "bad", "close"),
    "unchanged": Badge(_("Unchanged"), "rest", "minus"),
    "closed_site": Badge(_("Closed"), "rest", "close"),
    "open_site": Badge(_("Open"), "ok", "check"),
    "published": Badge(_("Published"), "ok", "check"),
}

WORDS: Mapping[str, Any] = {
    # kinds of files
    "customers": _("Customers and suppliers"),
    "prices": _("Prices"),
    "orders": _("Orders"),
    "items": _("Items"),
    "purchase-orders": _("Purchase orders"),
    "dateless": _("Lines without a date"),
    # roles
    "admin": _("Administrator"),
    "order_manager": _("Order manager"),
    "sales": _("Sales"),
    "warehouse": _("Warehouse"),
    "planner": _("Planner"),
    "finance": _("Finance"),
    "viewer": _("Viewer"),
    # payment methods
    "on_account": _("On account"),
    "bank_transfer": _("Bank transfer"),
    "card": _("Card"),
    "paypal": _("PayPal"),
    "cash_on_delivery": _("Cash on delivery"),
    # item kinds
    "stocked": _("Stocked"),
    "non_stock": _("Not stocked"),
    "service": _("Service"),
    "kit": _("Kit"),
    # how a discount is taken off
    "percent": _("Percent"),
    "amount": _("Amount"),
    # what units measure
    "mass": _("Mass"),
    "length": _("Length"),
    "area": _("Area"),
    "volume": _("Volume"),
    "time": _("Time"),
    # tax categories
    "standard": _("Standard"),
    "reduced": _("Reduced"),
    "exempt": _("Exempt"),
    # parties
    "organisation": _("Organisation"),
    "person": _("Person"),
    # sites and supply
    "distribution_centre": _("Distribution centre"),
    "store": _("Store"),
    "plant": _("Plant"),
    "supplier": _("Supplier"),
    "in_transit": _("In transit"),
    "on_hand": _("On hand"),
    "purchase": _("Purchase order"),
    "transfer": _("Transfer"),
    "work_order": _("Work order"),
    "customer": _("Customer"),
    "production": _("Production"),
    "loss": _("Loss"),
    "transit": _("Transit"),
    "stock": _("Stock"),
    # reasons of stock moves
    "receipt": _("Receipt"),
    "shipment": _("Shipment"),
    "count": _("Stock count"),
    "damage": _("Damage"),
    "damaged": _("Damage"),
    "theft": _("Theft"),
    "found": _("Found"),
    "sample": _("Sample"),
    "scrap": _("Scrapped"),
    "scrapped": _("Scrapped"),
    "expired": _("Expired"),
    "not_found": _("Not found"),
    "reversal": _("Reversal"),
    "opening": _("Opening balance"),
    "short_pick": _("Short pick"),
    "adjustment": _("Adjustment"),
    "correction": _("Correction"),
    "counted": _("Stock count"),
    "issue": _("Issue"),
    "shortage": _("Shortage"),
    "own_use": _("Own use"),
    # hold reasons
    "customer_request": _("Customer asked for it"),
    "credit": _("Credit check"),
    "address": _("Address to be checked"),
    "payment": _("Payment to be cleared"),
    "fraud": _("Suspicion of fraud"),
    "address_check": _("Address to be checked"),
    "credit_check": _("Credit check"),
    "payment_check": _("Payment to be cleared"),
    "price": _("Price to be checked"),
    "other": _("Other"),
    # price components
    "list": _("List price"),
    "tier": _("Quantity tier"),
    "discount": _("Discount"),
    "manual": _("Adjustment by hand"),
    "net": _("Net"),
    "tax": _("Tax"),
    "gross": _("Total"),
    "shipping": _("Shipping"),
    # documents
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
    "packing_slip": _("Packing slip"),
    "pick_list": _("Pick list"),
    "shipment_notice": _("Shipment notice"),
    "order_confirmation": _("Order confirmation"),
    "refund": _("Refund"),
    "order": _("Order"),
    "reminder": _("Reminder"),
    "note": _("Note"),
    "mail": _("Mail"),
    "webhook": _("Webhook"),
    "order_line": _("Order line"),
    "fulfilment_line": _("Fulfilment line"),
    "party": _("Party"),
    "item": _("Item"),
    "site": _("Site"),
    "purchase_order": _("Purchase order"),
    # what came of a try
    "later": _("Not now: tried again later"),
    # steps of a policy
    "reserve": _("Reserve supply"),
    "release": _("Release to site"),
    "ship": _("Ship"),
    "perform": _("Perform"),
    "collect": _("Collect payment"),
    # provider operations
    "authorise": _("Authorise"),
    "capture": _("Capture"),
    # tracking
    "out_for_delivery": _("Out for delivery"),
    "delivered": _("Delivered"),
    "exception": _("Exception"),
    "lost": _("Lost"),
    # channels
    "console": _("Console"),
    "web": _("Web shop"),
    "shop": _("Web shop"),
    "phone": _("Phone"),
    "marketplace": _("Marketplace"),
    "edi": _("EDI"),
    "api": _("API"),
    "field": _("Field sales"),
    "store_sale": _("Store"),
    "import": _("Import"),
    "b2b": _("B2B"),
    "webshop": _("Web shop"),
    # why a date
    "soonest": _("The soonest possible"),
    "as_wished": _("As wished"),
    "later_than_wished": _("Later than wished: not earlier possible"),
    "not_enough": _("There is not enough, now or expected"),
    "no_lane": _("No site ships to this country"),
    "no_stock_needed": _("Needs no stock"),
    "contended": _("Others were faster; it is tried again"),
    "free_shipping": _("Free shipping"),
    "included_tax": _("Tax contained in the price"),
    # units of a relation
    "cross_sell": _("Goes with it"),
    "up_sell": _("Better choice"),
    "substitute": _("Substitute"),
}

VERBS: Mapping[str, tuple[Any, str, str]] = {
    "order.captured": (_("Order captured"), "orders", "info"),
    "order.revised": (_("Order revised"), "pencil", "info"),
    "order.changed": (_("Draft changed"), "pencil", "info"),
    "order.submitted": (_("Order submitted"), "play", "info"),
    "order.held": (_("Put on hold"), "pause", "warn"),
    "order.hold_released": (_("Hold released"), "play", "ok"),
    "order.cancelled": (_("Cancelled"), "close", "bad"),
    "order.closed": (_("Order closed"), "check", "ok"),
    "order.promised": (_("Promised again"), "calendar", "info"),
    "fulfilment.released": (_("Released to the site"), "bench", "info"),
    "fulfilment.picked": (_("Picked"), "basket", "info"),
    "fulfilment.packed": (_("Packed"), "bench", "info"),
    "fulfilment.shipped": (_("Shipped"), "truck", "ok"),
    "fulfilment.performed": (_("Service performed"), "check", "ok"),
    "fulfilment.tracked": (_("Carrier reported"), "truck", "rest"),
    "fulfilment.delivered": (_("Delivered"), "check", "ok"),
    "billing.invoiced": (_("Invoiced"), "invoice", "info"),
    "billing.credited": (_("Credit note issued"), "minus", "warn"),
    "billing.paid": (_("Payment booked"), "payment", "ok"),
    "billing.attempted": (_("Payment attempted"), "payment", "rest"),
    "run.started": (_("Fulfilment started"), "play", "rest"),
    "step.done": (_("Step done"), "check", "rest"),
    "step.failed": (_("Step failed"), "warning", "bad"),
    "inventory.received": (_("Stock received"), "plus", "ok"),
    "inventory.adjusted": (_("Stock adjusted"), "pencil", "warn"),
    "inventory.transferred": (_("Stock transferred"), "swap", "info"),
    "inventory.issued": (_("Stock issued"), "truck", "rest"),
    "supply.ordered": (_("Purchase ordered"), "orders", "info"),
    "supply.received": (_("Purchase received"), "plus", "ok"),
    "supply.rescheduled": (_("Purchase rescheduled"), "calendar", "warn"),
    "billing.received": (_("Payment received"), "payment", "ok"),
    "billing.refunded": (_("Money returned"), "payment", "warn"),
    "billing.dunned": (_("Reminder sent"), "clock", "warn"),
    "fulfilment.scanned": (_("Scanned"), "basket", "rest"),
    "fulfilment.unscanned": (_("Scan taken back"), "back", "rest"),
    "fulfilment.marked_short": (_("Shortage found"), "warning", "warn"),
    "fulfilment.wave_created": (_("Wave made"), "basket", "info"),
    "fulfilment.wave_picked": (_("Wave picked"), "check", "ok"),
    "fulfilment.wave_cancelled": (_("Wave taken apart"), "close", "warn"),
    "inventory.placed": (_("Put into a bin"), "stock", "rest"),
    "fulfilment.recalled": (_("Recalled from the site"), "back", "warn"),
    "order.line_split": (_("Line split"), "swap", "rest"),
    "party.credit_drawn": (_("Credit used"), "payment", "rest"),
    "party.credit_given_back": (_("Credit given back"), "payment", "rest"),
    "promising.pegs_moved": (_("Supply moved to another source"), "swap", "rest"),
    "run.refused": (_("No policy serves it"), "warning", "bad"),
    "step.retried": (_("Step tried again"), "retry", "info"),
    "party.noted": (_("Noted"), "pencil", "info"),
    "party.note_removed": (_("Note taken away"), "close", "rest"),
    "document.viewed": (_("Document opened"), "document", "rest"),
    "mail.queued": (_("Mail asked for"), "mail", "rest"),
    "mail.sent": (_("Mail sent"), "mail", "ok"),
    "mail.failed": (_("Mail not delivered"), "mail", "bad"),
    "mail.doubted": (_("Mail in doubt"), "mail", "warn"),
    "mail.cancelled": (_("Mail not sent"), "mail", "rest"),
    "mail.requeued": (_("Mail sent once more"), "mail", "info"),
    "webhook.created": (_("Webhook made"), "webhook", "info"),
    "webhook.changed": (_("Webhook changed"), "webhook", "info"),
    "webhook.paused": (_("Webhook paused"), "webhook", "warn"),
    "webhook.resumed": (_("Webhook resumed"), "webhook", "ok"),
    "webhook.retired": (_("Webhook removed"), "webhook", "rest"),
    "webhook.secret_rotated": (_("Webhook secret renewed"), "key", "info"),
    "webhook.replayed": (_("Webhook deliveries sent again"), "retry", "info"),
    "document.filed": (_("Document filed"), "document", "rest"),
    "job.asked": (_("Job asked for"), "clock", "rest"),
    "job.finished": (_("Job done"), "check", "ok"),
    "job.failed": (_("Job failed"), "warning", "bad"),
    "job.cancelled": (_("Job cancelled"), "close", "rest"),
    "job.again": (_("Job asked for again"), "retry", "rest"),
}

PERMISSION_GROUPS: Mapping[str, Any] = {
    "orders": _("Orders"),
    "catalog": _("Items"),
    "parties": _("Customers and suppliers"),
    "stock": _("Stock"),
    "supply": _("Purchasing"),
    "prices": _("Prices"),
    "fulfilment": _("Fulfilment"),
    "billing": _("Invoices and payments"),
    "policies": _("Policies"),
    "sites": _("Sites"),
    "settings": _("Settings of the house"),
    "users": _("Users"),
    "documents": _("Documents"),
    "journal": _("Journal"),
    "mail": _("Mails"),
    "webhooks": _("Webhooks"),
    "jobs": _("Jobs"),
}
PERMISSION_DEEDS: Mapping[str, Any] = {
    "view": _("see"),
    "edit": _("change"),
    "hold": _("hold and release"),
    "cancel": _("cancel"),
    "adjust_price": _("adjust prices"),
    "work": _("work on"),
    "manage": _("manage"),
}


def word(code: object) -> str:
    """The word for a code in the user's language."""
    text = str(code or "")
    if text in WORDS:
        return str(WORDS[text])
    if text in BADGES:
        return str(BADGES[text].label)
    return text.replace("_", " ").capitalize() if text.islower() else text


def badge(code: str) -> Badge:
    """Word, tone and shape of a status."""
    return BADGES.get(code) or Badge(word(code), "rest", "circle")


def permission(code: str) -> str:
    """`orders.view` as people say it: Orders: see."""
    area, _dot, deed = code.partition(".")
    return f"{PERMISSION_GROUPS.get(area, area)}: {PERMISSION_DEEDS.get(deed, deed)}"
