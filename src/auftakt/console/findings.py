"""What verbs refuse, in the user's language. English is what the verb itself says, with all its facts."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from auftakt.values import Finding

FINDINGS: Mapping[str, Any] = {
    # orders
    "unknown_item": _("There is no such item. Choose one from the list."),
    "unknown_customer": _("There is no such customer: choose one from the list, or create it first."),
    "unknown_unit": _("There is no such unit."),
    "unit_not_of_item": _("The item is not sold by this unit. Choose another unit."),
    "item_not_active": _("The item is not active: it cannot be sold yet."),
    "item_phased_out": _("The item is phased out: order a substitute."),
    "component_missing": _("A component of the kit is missing or not active."),
    "bad_quantity": _("This is no quantity that can be ordered."),
    "quantity_not_positive": _("The quantity must be more than nothing."),
    "quantity_too_fine": _("The quantity cannot be divided so in this unit."),
    "quantity_fractional": _("The quantity cannot be divided so in this unit."),
    "no_lines": _("An order needs at least one line."),
    "date_in_past": _("The day is in the past: ask for today or a later one."),
    "customer_blocked": _("The customer is blocked: unblock it before it orders."),
    "not_a_customer": _("This is a supplier only: make it a customer first."),
    "no_ship_to": _("The customer has no address to ship to: add one first."),
    "unknown_address": _("The address does not belong to the customer: choose another."),
    "no_payment_terms": _("The customer has no payment terms: set them there."),
    "no_legal_entity": _("Set up a legal entity before taking orders."),
    "card_number_refused": _("This looks like a card number. It is not kept: take it out."),
    "customer_fixed": _("The order belongs to another customer: cancel it and order anew."),
    "line_fixed": _("The line is partly released, shipped or cancelled: its item and unit stay."),
    "below_released": _("The line cannot fall below what is released, shipped or cancelled of it."),
    "more_than_open": _("That is more than is still open."),
    "not_a_draft": _("Only a draft can be submitted."),
    "order_ended": _("The order is closed or cancelled: nothing can be done with it any more."),
    "already_held": _("The order is on hold for this reason already."),
    "nothing_open": _("Nothing of it is open any more: it is with the warehouse, or has left."),
    "nothing_to_promise": _("No line needs a new date."),
    "no_supply": _("No supply can be promised yet."),
    "order_not_submitted": _("It is still a draft: submit it first."),
    "job_ended": _("The job has ended already."),
    "job_not_ended": _("The job is still at work: cancel it first."),
    "not_held": _("There is no such hold in force."),
    "reason_missing": _("Say why."),
    "unknown_order": _("There is no such order."),
    "order_on_hold": _("The order is on hold: release the hold first."),
    "not_promised": _("The line has no site to be released to."),
    "credit_exhausted": _(
        "The credit limit of %(limit)s %(currency)s does not suffice: %(available)s are still open. Raise the limit, "
        "collect open invoices, or choose prepayment."
    ),
    # prices
    "price_missing": _("There is no price for this item: add one to a price list."),
    "price_list_unusable": _("The price list does not fit this order."),
    "tax_rate_missing": _("There is no tax rate for the destination: add one."),
    "shipping_rate_missing": _("There is no shipping rate for the destination: add one."),
    "adjustment_over_limit": _("Your role may not lower the price that far."),
    "adjustment_out_of_range": _("This is no sensible discount."),
    "adjustment_needs_reason": _("Say why the price is adjusted."),
    # stock
    "item_unknown": _("There is no such item."),
    "unknown_site": _("There is no such site."),
    "site_unknown": _("There is no such site."),
    "site_closed": _("The site is closed."),
    "stock_insufficient": _("There is not that much: receive or count it first."),
    "stock_promised": _("The stock is promised to orders and cannot be taken away."),
    "item_not_stocked": _("This item is not kept in stock."),
    "same_site": _("Name two different sites."),
    "stock_moved": _("The books moved meanwhile: they said %(seen)s and say %(on_hand)s now. Count again."),
    "bin_malformed": _(
        "This is no bin: use up to 24 letters, digits, dot, dash, slash or underscore, such as A-03-12."
    ),
    "walk_out_of_range": _("The turn on the way is a number from 0 to 99999999."),
    "placing_repeated": _("The item is placed twice at this site."),
    "over_receipt": _("That is more than is still to come of this line."),
    "purchase_not_open": _("Nothing is to come of this purchase order any more."),
    "line_unknown": _("There is no such line."),
    "supply_gone": _("The supply was taken by somebody else meanwhile."),
    # fulfilment
    "not_on_hand": _("The goods are not on the shelf yet."),
    "wrong_state": _("Somebody did this already, or a step before it is missing. Look again."),
    "line_not_open": _("The line is released already."),
    "already_released": _("The line is released already."),
    "picked_too_much": _("More was picked than asked for."),
    "overpicked": _("More was picked than asked for."),
    "quantity_negative": _("The quantity cannot be below zero."),
    "no_parcels": _("Name at least one parcel with its weight."),
    "bad_weight": _("This is no weight of a parcel."),
    "bad_carrier": _("This is no carrier."),
    "bad_tracking_number": _("This is no tracking number."),
    "nothing_to_pick": _("There is nothing to pick."),
    "not_to_pick": _("The release is not to be picked any more. Look again."),
    "not_to_pack": _("The release is not to be packed any more. Look again."),
    "not_to_ship": _("The release is not to be shipped any more. Look again."),
    "not_to_recall": _("The release has left or was taken back already."),
    "picks_missing": _("%(item)s is neither picked in full nor marked as missing."),
    "unknown_pick": _("This pick is not on the walk any more: look again."),
    "unknown_release": _("There is no such release."),
    "wrong_item": _("Wrong item: this is %(item)s, but %(wanted)s is to be taken."),
    "not_on_list": _("Wrong item: %(item)s is not on this list."),
    "scanned_too_much": _("Too much: %(asked)s %(unit)s of %(item)s are wanted, %(scanned)s are taken already."),
    "code_unknown": _("Nothing bears the code %(code)s: scan the item's own."),
    "code_out_of_place": _("%(code)s is no item: scan what is to be taken."),
    "code_missing": _("Scan a code, or name the pick."),
    "walk_unknown": _("There is nothing left to pick here."),
    "wrong_bin": _("Wrong bin: %(item)s lies in %(bin)s."),
    "wrong_tote": _("Wrong tote: %(item)s goes to %(release)s."),
    "scan_undone": _("The scan was taken back before."),
    "unknown_scan": _("There is no such scan."),
    "nothing_missing": _("All of %(item)s is scanned: nothing is missing."),
    "reason_unknown": _("There is no such reason."),
    "no_releases": _("Choose the releases that are picked together."),
    "wave_too_large": _("A wave has at most %(most)s releases: make two."),
    "other_site": _("Release %(release)s belongs to another site."),
    "in_a_wave": _("Release %(release)s is in a wave already."),
    "named_twice": _("It is named more than once."),
    "not_to_disband": _("The wave is picked, wholly or in part: it cannot be taken apart any more."),
    "unknown_wave": _("There is no such wave."),
    # billing
    "amount_invalid": _("Give an amount above zero, in whole cents."),
    "reference_missing": _("Give the reference: it keeps the payment from being booked twice."),
    "reference_reused": _("This reference was booked before with other facts."),
    "method_needs_provider": _("Card and PayPal payments are captured through their provider, not booked by hand."),
    "not_an_invoice": _("A credit note is not paid."),
    "nothing_to_credit": _("Everything is credited already."),
    "credited_too_much": _("More cannot be credited than is left of the line."),
    "still_in_doubt": _("The provider does not know either. Ask again later, or decide by hand."),
    "attempt_settled": _("The attempt is settled already."),
    "attempt_running": _("The attempt is still running: wait for its outcome."),
    "provider_unknown": _("No payment provider is configured for this method."),
    "payment_declined": _("The provider declined the payment."),
    # parties
    "postal_code_invalid": _("The postal code does not fit the country."),
    "region_unknown": _("There is no such state or province in the country."),
    "region_missing": _("Give the state or province."),
    "city_missing": _("Give the city."),
    "postal_code_missing": _("Give the postal code."),
    "street_missing": _("Give a street or a city."),
    "phone_invalid": _("This is not a telephone number."),
    "no_mail_address": _("The customer has no mail address: give one there, or send it to another."),
    "mail_address_bad": _("This is not an e-mail address."),
    "note_empty": _("Write what is to be noted."),
    "note_too_long": _("The note is too long."),
    "note_unknown": _("There is no such note any more."),
    "number_taken": _("This number is in use already."),
    "email_invalid": _("This is not an e-mail address."),
    "vat_id_invalid": _("This is not a VAT or tax number."),
    "credit_limit_below_drawn": _("The credit limit cannot fall below what is in use."),
    "credit_in_use": _("The credit line is in use."),
    "changed_meanwhile": _("Somebody else changed it meanwhile: load it again."),
    # users and keys
    "user_exists": _("This e-mail address has a user already: change that one."),
    "last_admin": _("This is the last active administrator: make somebody else one first."),
    "role_missing": _("Give the user at least one role."),
    "name_missing": _("Give a name."),
    "password_too_short": _("Use a longer password."),
    "password_too_long": _("Use a shorter password."),
    "password_is_email": _("The password must not be the e-mail address."),
    "scope_missing": _("Give the key at least one right."),
    "view_unknown": _("You have no such saved view."),
    "query_too_long": _("Take filters away: the view is too long to be kept."),
}


def spoken(finding: Finding) -> str:
    """A finding as its reader understands it best: in English in the verb's own words, else by its code."""
    pattern = FINDINGS.get(finding.code)
    if pattern is None or get_language() == "en":
        return finding.message
    try:
        return str(pattern) % dict(finding.facts)
    except (KeyError, ValueError):
        return finding.message
