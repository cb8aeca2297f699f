"""Pure decisions of outgoing mail: which drafts can be sent, when to try again, and the words of ready-made mails."""

from auftakt.channels.mail.rules.drafts import draft_findings, html_of, normal_address
from auftakt.channels.mail.rules.retries import LOST_AFTER, next_try
from auftakt.channels.mail.rules.texts import LANGUAGES, Words, compose, language_of

__all__ = [
    "LANGUAGES",
    "LOST_AFTER",
    "Words",
    "compose",
    "draft_findings",
    "html_of",
    "language_of",
    "next_try",
    "normal_address",
]
