"""The tables of all rooms of channels, for Django's register of models."""

from auftakt.channels.mail.models import Mail, MailAttachment, MailAttempt

__all__ = ["Mail", "MailAttachment", "MailAttempt"]
