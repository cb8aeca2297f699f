"""Ready-made mails in the customer's language, with the paper that belongs to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.channels.mail import rules
from auftakt.channels.mail.actions.outbox import send
from auftakt.channels.mail.queries import Facts, confirmation_sheet, gather
from auftakt.channels.mail.types import (
    CREDIT_NOTE_MAIL,
    INVOICE_MAIL,
    ORDER_CONFIRMATION,
    SHIPMENT_NOTICE,
    MailDraft,
)
from auftakt.documents import actions as documents
from auftakt.documents.types import DocumentDraft
from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.types import ShipmentFacts
from auftakt.orders.types import OrderFacts
from auftakt.values import Outcome, Refusal

_MOST_LINES = 30
_PDF = "application/pdf"
Made = MailDraft | Refusal
Papers = Callable[[Sequence[UUID]], Mapping[UUID, UUID]]


def order_confirmation(
    order_ids: Sequence[UUID], *, actor: str, at: datetime, to: str = "", note: str = ""
) -> Outcome[UUID]:
    """Confirm submitted orders by mail, with the confirmation as PDF, which is put on file; mail ids in input order.

    It goes to the customer, or to the address given; `note` is a line of the sender's own. One mail for each revision
    of an order and recipient. Refused: order_unknown, order_not_submitted, no_mail_address, mail_address_bad.
    """
    keys = list(dict.fromkeys(order_ids))
    with transaction.atomic():
        known = gather(keys)

        def made(key: UUID) -> Made:
            order = known.orders.get(key)
            if order is None:
                return Refusal.because(key, "order_unknown", f"There is no order {key}.")
            if order.submitted_at is None:
                said = f"{order.number} is a draft: submit it before it is confirmed."
                return Refusal.because(key, "order_not_submitted", said, number=order.number)
            words = rules.Words(rules.language_of(order.language))
            worth = confirmation_sheet(known, order)["gross"]
            draft = _draft(
                known, order, ORDER_CONFIRMATION, order.number, "order", order.id, note=note,
                day=words.day(_day(order.ordered_at)), reference=_reference(words, order),
                lines=_ordered(known, words, order), amount=words.money(worth, order.currency),
            )  # fmt: skip
            return replace(draft, revision=str(order.revision))

        return ask(keys, made, partial(file_confirmations, known, actor=actor, at=at), to=to, actor=actor, at=at)


def invoice_mail(
    invoice_ids: Sequence[UUID], *, actor: str, at: datetime, to: str = "", note: str = ""
) -> Outcome[UUID]:
    """Send invoices and credit notes, as they are on file, to the customers or to the address given; one mail each.

    Refused: invoice_unknown, no_mail_address, mail_address_bad.
    """
    keys = list(dict.fromkeys(invoice_ids))
    with transaction.atomic():
        facts = invoices.invoices(keys)
        languages = invoices.paper_languages(facts)
        known = gather(sorted({each.order_id for each in facts.values()}))

        def made(key: UUID) -> Made:
            if key not in facts:
                return Refusal.because(key, "invoice_unknown", f"There is no invoice {key}.")
            bill, order = facts[key], known.orders[facts[key].order_id]
            words = rules.Words(rules.language_of(languages[key]))
            payment = words.say("nothing_due")
            if bill.open_amount > 0:
                left = words.money(bill.open_amount, bill.currency)
                payment = words.say("due", amount=left, day=words.day(bill.due_on))
            kind = INVOICE_MAIL if bill.kind == "invoice" else CREDIT_NOTE_MAIL
            return _draft(
                known, order, kind, bill.number, "invoice", bill.id, language=words.language, note=note,
                day=words.day(bill.issued_on), order=order.number, payment=payment,
                amount=words.money(bill.gross, bill.currency),
            )  # fmt: skip

        def papers(good: Sequence[UUID]) -> dict[UUID, UUID]:
            return dict(zip(good, billing.file_invoices(good, actor=actor, at=at).done, strict=True))

        return ask(keys, made, papers, to=to, actor=actor, at=at)


def shipment_notice(
    shipment_ids: Sequence[UUID], *, actor: str, at: datetime, to: str = "", note: str = ""
) -> Outcome[UUID]:
    """Tell customers what has left, with carrier, tracking number, and the packing slip; one mail for each shipment.

    The slips are printed one by one. Refused: shipment_unknown, shipment_is_service, no_mail_address, mail_address_bad.
    """
    keys = list(dict.fromkeys(shipment_ids))
    with transaction.atomic():
        shipments = fulfilment.shipments(keys)
        known = gather(sorted({each.order_id for each in shipments.values()}))

        def made(key: UUID) -> Made:
            shipment = shipments.get(key)
            if shipment is None:
                return Refusal.because(key, "shipment_unknown", f"There is no shipment {key}.")
            order = known.orders[shipment.order_id]
            if shipment.release_id is None:
                said = f"{shipment.number} is a service: nothing was shipped."
                return Refusal.because(key, "shipment_is_service", said, number=shipment.number)
            words = rules.Words(rules.language_of(order.language))
            return _draft(
                known, order, SHIPMENT_NOTICE, shipment.number, "shipment", shipment.id, note=note,
                day=words.day(_day(shipment.shipped_at)), order=order.number, lines=_shipped(known, words, shipment),
                carrier=_carrier(words, shipment),
            )  # fmt: skip

        def papers(good: Sequence[UUID]) -> dict[UUID, UUID]:
            return _file_slips(known, [shipments[key] for key in good], actor=actor, at=at)

        return ask(keys, made, papers, to=to, actor=actor, at=at)


def ask(
    keys: Sequence[UUID], made: Callable[[UUID], Made], papers: Papers, *, to: str, actor: str, at: datetime
) -> Outcome[UUID]:
    """Put the mails of subjects into the outbox, each with its paper; refusals name the subject.

    `papers` puts papers on file, by subject: only those of mails that go out.
    """
    refused: list[Refusal] = []
    drafts: dict[UUID, MailDraft] = {}
    for key in keys:
        draft = made(key)
        if isinstance(draft, Refusal):
            refused.append(draft)
            continue
        if to:
            draft = replace(draft, to=to, to_name=draft.to_name if to == draft.to else "")
        if not draft.to:
            said = f"The customer of {draft.about_number} has no mail address: give one there, or send it to another."
            refused.append(Refusal.because(key, "no_mail_address", said, number=draft.about_number))
        elif findings := rules.draft_findings(draft):
            refused.append(Refusal(str(key), tuple(findings)))
        else:
            drafts[key] = draft
    subjects = list(drafts)
    on_file = papers(subjects) if subjects else {}
    outcome = send(
        [replace(draft, attachments=(on_file[key],)) for key, draft in drafts.items()], actor=actor, at=at
    )  # fmt: skip
    refused += [replace(each, subject=str(subjects[int(each.subject)])) for each in outcome.refused]
    return Outcome(outcome.done, tuple(refused))


def _draft(
    known: Facts, order: OrderFacts, kind: str, number: str, about: str, about_id: UUID, /, *, language: str = "",
    note: str = "", **values: str,
) -> MailDraft:  # fmt: skip
    """The mail of a kind about something of an order, to the customer, in its language."""
    spoken = language or rules.language_of(order.language)
    address, name = known.recipients[order.customer_id]
    seller = known.entities[order.legal_entity_id]
    subject, text = rules.compose(kind, spoken, name=name, seller=seller.name, note=note, number=number, **values)
    return MailDraft(
        kind=kind, to=address, to_name=name, subject=subject, text=text, language=spoken, reply_to=seller.email,
        about_type=about, about_id=about_id, about_number=number, order_id=order.id,
    )  # fmt: skip


def _day(instant: datetime) -> date:
    return timezone.localtime(instant).date()


def _reference(words: rules.Words, order: OrderFacts) -> str:
    return words.say("reference", reference=order.customer_reference) if order.customer_reference else ""


def _ordered(known: Facts, words: rules.Words, order: OrderFacts) -> str:
    """The lines of an order with the days they arrive."""
    told: list[str] = []
    for line in known.lines.get(order.id, ()):
        left = line.quantity - line.cancelled
        if not left:
            continue
        said = words.goods(left, line.unit, known.names.get((line.item_id, words.language), line.item_name))
        day = known.arrivals.get(line.id)
        if line.item_kind == "service":
            told.append(said)
        else:
            told.append(words.say("arrives", line=said, day=words.day(day)) if day else
                        words.say("arrives_unknown", line=said))  # fmt: skip
    return words.list([*told[:_MOST_LINES], *(["…"] if len(told) > _MOST_LINES else [])])


def _shipped(known: Facts, words: rules.Words, shipment: ShipmentFacts) -> str:
    told = [
        words.goods(line.quantity, line.unit, known.names.get((line.item_id, words.language), line.item_name))
        for line in shipment.lines
    ]
    return words.list([*told[:_MOST_LINES], *(["…"] if len(told) > _MOST_LINES else [])])


def _carrier(words: rules.Words, shipment: ShipmentFacts) -> str:
    told = [words.say("carrier", carrier=shipment.carrier)] if shipment.carrier else []
    numbers = [shipment.tracking_number, *(box.tracking_number for box in shipment.parcels)]
    told += [words.say("tracking", tracking=number) for number in dict.fromkeys(numbers) if number]
    return "\n".join(told)


def file_confirmations(known: Facts, keys: Sequence[UUID], *, actor: str, at: datetime) -> dict[UUID, UUID]:
    """Print confirmations in the customers' languages and put them on file; document ids by order."""
    drafts: list[DocumentDraft] = []
    for key in keys:
        order = known.orders[key]
        language = rules.language_of(order.language)
        sheet = confirmation_sheet(known, order)
        content = documents.render("order_confirmation", sheet, language)
        drafts.append(
            DocumentDraft(
                "order_confirmation", "order", key, order.number, language, f"{order.number}.pdf", _PDF, content
            )
        )
    return dict(zip(keys, documents.file(drafts, actor=actor, at=at).done, strict=True))


def _file_slips(known: Facts, shipments: Sequence[ShipmentFacts], *, actor: str, at: datetime) -> dict[UUID, UUID]:
    """Print packing slips and put them on file; document ids by shipment. Services have none."""
    drafts: list[DocumentDraft] = []
    for each in shipments:
        if each.release_id is None:
            continue
        language = rules.language_of(known.orders[each.order_id].language)
        content = documents.render("packing_slip", fulfilment.slip_data(each.release_id, language=language), language)
        drafts.append(
            DocumentDraft(
                "packing_slip", "shipment", each.id, each.number, language, f"{each.number}.pdf", _PDF, content
            )
        )
    done = documents.file(drafts, actor=actor, at=at).done
    return dict(zip((draft.subject_id for draft in drafts), done, strict=True))
