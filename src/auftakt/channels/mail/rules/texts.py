"""The words of ready-made mails by language. Another language is one more entry here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

FALLBACK = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "order_confirmation.subject": "Order confirmation {number}",
        "order_confirmation.text": (
            "Thank you for your order {number} of {day}{reference}.\n\n{lines}\n\n"
            "The total is {amount}. You will find all details in the attached confirmation."
        ),
        "invoice.subject": "Invoice {number}",
        "invoice.text": (
            "Please find attached our invoice {number} of {day} for your order {order}.\n\n"
            "The invoice amount is {amount}. {payment}"
        ),
        "credit_note.subject": "Credit note {number}",
        "credit_note.text": (
            "Please find attached our credit note {number} of {day} for your order {order}.\n\nThe amount is {amount}."
        ),
        "shipment_notice.subject": "Your order {order} is on its way",
        "shipment_notice.text": (
            "Part of your order {order}, or all of it, left us on {day} as shipment {number}.\n\n{lines}\n\n{carrier}"
        ),
        "reminder_1.subject": "Payment reminder {number}",
        "reminder_1.text": (
            "You may have overlooked it: the following invoices are still open.\n\n{lines}\n\n"
            "Please transfer {amount} by {day}. The attached letter has all details. "
            "If you have paid in the meantime, please disregard it."
        ),
        "reminder_2.subject": "Second payment reminder {number}",
        "reminder_2.text": (
            "We have not yet received payment after our reminder. These invoices are still open:\n\n{lines}\n\n"
            "Please transfer {amount} by {day} at the latest. The attached letter has all details. "
            "If you have paid in the meantime, please disregard it."
        ),
        "reminder_3.subject": "Final payment reminder {number}",
        "reminder_3.text": (
            "Despite our reminders the following invoices are still open:\n\n{lines}\n\n"
            "Please transfer {amount} by {day}. After that the debt will be handed over for collection. "
            "If you have paid in the meantime, please disregard this letter."
        ),
        "greeting": "Hello {name},",
        "greeting_nobody": "Hello,",
        "closing": "Kind regards\n{seller}",
        "reference": " (your reference {reference})",
        "line": "{quantity} {unit} {text}",
        "arrives": "{line}, arriving {day}",
        "arrives_unknown": "{line}, date to be confirmed",
        "due": "{amount} is due by {day}.",
        "open_invoice": "{number}, due {day}: {amount}",
        "nothing_due": "Nothing is left to pay. Thank you.",
        "carrier": "Carrier: {carrier}",
        "tracking": "Tracking number: {tracking}",
        "unit.each": "×",
        "unit.case": "case",
        "unit.pair": "pair",
        "unit.set": "set",
        "unit.hour": "h",
    },
    "de": {
        "order_confirmation.subject": "Auftragsbestätigung {number}",
        "order_confirmation.text": (
            "vielen Dank für Ihre Bestellung {number} vom {day}{reference}.\n\n{lines}\n\n"
            "Die Auftragssumme beträgt {amount}. Alle Einzelheiten finden Sie in der angehängten Bestätigung."
        ),
        "invoice.subject": "Rechnung {number}",
        "invoice.text": (
            "anbei erhalten Sie unsere Rechnung {number} vom {day} zu Ihrem Auftrag {order}.\n\n"
            "Der Rechnungsbetrag ist {amount}. {payment}"
        ),
        "credit_note.subject": "Gutschrift {number}",
        "credit_note.text": (
            "anbei erhalten Sie unsere Gutschrift {number} vom {day} zu Ihrem Auftrag {order}.\n\n"
            "Der Betrag ist {amount}."
        ),
        "shipment_notice.subject": "Ihre Bestellung {order} ist unterwegs",
        "shipment_notice.text": (
            "Ihre Bestellung {order} oder ein Teil davon hat unser Haus am {day} als Lieferung {number} verlassen.\n\n"
            "{lines}\n\n{carrier}"
        ),
        "reminder_1.subject": "Zahlungserinnerung {number}",
        "reminder_1.text": (
            "sicher haben Sie es nur übersehen: Die folgenden Rechnungen sind noch offen.\n\n{lines}\n\n"
            "Bitte überweisen Sie {amount} bis zum {day}. Alle Einzelheiten finden Sie im angehängten Schreiben. "
            "Haben Sie inzwischen bezahlt, so ist es gegenstandslos."
        ),
        "reminder_2.subject": "Mahnung {number}",
        "reminder_2.text": (
            "auf unsere Erinnerung kam noch keine Zahlung. Folgende Rechnungen sind weiterhin offen:\n\n{lines}\n\n"
            "Bitte überweisen Sie {amount} spätestens bis zum {day}. Alle Einzelheiten finden Sie im angehängten "
            "Schreiben. Haben Sie inzwischen bezahlt, so ist es gegenstandslos."
        ),
        "reminder_3.subject": "Letzte Mahnung {number}",
        "reminder_3.text": (
            "trotz unserer Mahnungen sind die folgenden Rechnungen noch offen:\n\n{lines}\n\n"
            "Bitte überweisen Sie {amount} bis zum {day}. Danach geben wir die Forderung zum Einzug weiter. "
            "Haben Sie inzwischen bezahlt, so ist dieses Schreiben gegenstandslos."
        ),
        "greeting": "Guten Tag {name},",
        "greeting_nobody": "Guten Tag,",
        "closing": "Freundliche Grüße\n{seller}",
        "reference": " (Ihre Referenz {reference})",
        "line": "{quantity} {unit} {text}",
        "arrives": "{line}, Ankunft {day}",
        "arrives_unknown": "{line}, Termin wird noch bestätigt",
        "due": "Bitte zahlen Sie {amount} bis zum {day}.",
        "open_invoice": "{number}, fällig am {day}: {amount}",
        "nothing_due": "Es ist nichts mehr zu zahlen. Vielen Dank.",
        "carrier": "Versand mit: {carrier}",
        "tracking": "Sendungsnummer: {tracking}",
        "unit.each": "×",
        "unit.case": "Karton",
        "unit.pair": "Paar",
        "unit.set": "Satz",
        "unit.hour": "Std.",
    },
}
LANGUAGES = tuple(TEXTS)


def language_of(language: str) -> str:
    """The language a mail is written in: that of the customer if we write it, else English."""
    short = language.lower().replace("_", "-").partition("-")[0]
    return short if short in TEXTS else FALLBACK


@dataclass(frozen=True, slots=True)
class Words:
    """Writes values as one language does."""

    language: str

    def say(self, phrase: str, /, **values: str) -> str:
        """A fixed phrase with its values filled in."""
        return TEXTS[self.language][phrase].format(**values)

    def day(self, day: date) -> str:
        """A day in full."""
        return format_date(day, "long", locale=Locale(self.language))

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency."""
        return format_currency(amount, currency, locale=Locale(self.language))

    def goods(self, quantity: Decimal, unit: str, text: str) -> str:
        """How much of what."""
        number = format_decimal(quantity.normalize(), locale=Locale(self.language), decimal_quantization=False)
        return self.say("line", quantity=number, unit=TEXTS[self.language].get(f"unit.{unit}", unit), text=text)

    def list(self, lines: Sequence[str]) -> str:
        """Lines with bullets."""
        return "\n".join(f"• {line}" for line in lines)


def compose(kind: str, language: str, /, *, name: str, seller: str, note: str = "", **values: str) -> tuple[str, str]:
    """Subject and text of a ready-made mail: greeting, text, a note of the sender's own, closing."""
    words = Words(language)
    greeting = words.say("greeting", name=name) if name else words.say("greeting_nobody")
    parts = [greeting, words.say(f"{kind}.text", **values), note.strip(), words.say("closing", seller=seller)]
    text = "\n\n".join(part.strip() for part in parts if part.strip())
    return words.say(f"{kind}.subject", **values), text
