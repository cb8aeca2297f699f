"""Payment reminders by mail: the letter as it is on file, to the customer, in the letter's language."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.types import PrintSheet, ReminderFacts
from auftakt.channels.mail import rules
from auftakt.channels.mail.actions.compose import Made, ask
from auftakt.channels.mail.queries import recipient
from auftakt.channels.mail.types import REMINDER_MAIL, MailDraft
from auftakt.parties import queries as parties
from auftakt.platform import jobs
from auftakt.platform.jobs import Chunk, Kind, Step
from auftakt.values import Outcome, Refusal


def reminder_mail(
    reminder_ids: Sequence[UUID], *, actor: str, at: datetime, to: str = "", note: str = ""
) -> Outcome[UUID]:
    """Send payment reminders, as they are on file, to the customers or to the address given; one mail for each letter.

    Refused: reminder_unknown, no_mail_address, mail_address_bad.
    """
    keys = list(dict.fromkeys(reminder_ids))
    with transaction.atomic():
        facts = {each.id: each for each in invoices.reminders(ids=keys, limit=len(keys))}
        sheets = invoices.reminder_document(list(facts))
        customers = parties.customers({each.customer_id for each in facts.values()})
        people = parties.contacts(customers)

        def made(key: UUID) -> Made:
            if key not in facts:
                return Refusal.because(key, "reminder_unknown", f"There is no reminder {key}.")
            customer = customers[facts[key].customer_id]
            return _draft(facts[key], sheets[key], recipient(customer, people.get(customer.id, ())), note)

        def papers(good: Sequence[UUID]) -> dict[UUID, UUID]:
            return dict(zip(good, billing.file_reminders(good, actor=actor, at=at).done, strict=True))

        return ask(keys, made, papers, to=to, actor=actor, at=at)


def _draft(letter: ReminderFacts, sheet: PrintSheet, to: tuple[str, str], note: str) -> MailDraft:
    address, name = to
    seller, words = sheet.data["seller"], rules.Words(rules.language_of(sheet.language))
    subject, text = rules.compose(
        f"reminder_{min(max(letter.level, 1), 3)}", words.language, name=name, seller=seller["name"], note=note,
        number=letter.number, amount=words.money(sheet.data["total"], letter.currency),
        day=words.day(sheet.data["pay_by"]),
        lines=words.list([
            words.say(
                "open_invoice", number=item["number"], amount=words.money(item["open"], letter.currency),
                day=words.day(item["due_on"]),
            )
            for item in sheet.data["items"]
        ]),
    )  # fmt: skip
    return MailDraft(
        REMINDER_MAIL, address, subject, text, language=words.language, to_name=name, reply_to=seller["email"],
        about_type="reminder", about_id=letter.id, about_number=letter.number,
    )  # fmt: skip


def _mail(chunk: Chunk) -> Step:
    keys = [UUID(row.key) for row in chunk.rows]
    return Step.of(chunk.rows, reminder_mail(keys, actor=chunk.job.actor, at=chunk.at))


MAIL_REMINDERS = jobs.register(Kind("reminders.mail", _mail, rows=25))
