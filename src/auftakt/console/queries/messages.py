"""Mails and webhooks as lists show them."""

from uuid import UUID

from auftakt.channels.webhooks import queries as webhooks
from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked


def mail_list(asked: Asked) -> Page:
    """The outbox."""
    return asked.page(sql, "mail_list")


def webhook_list(asked: Asked) -> Page:
    """The endpoints in use."""
    return asked.page(sql, "webhook_list")


def delivery_list(asked: Asked, *, webhook: UUID | None = None) -> Page:
    """Deliveries, those of one endpoint when one is named."""
    return asked.page(sql, "delivery_list", **({"webhook": webhook} if webhook else {}))


def endpoints() -> list[tuple[str, str]]:
    """Endpoints to choose from: id and address."""
    return [(str(key), each.url) for key, each in webhooks.webhooks(retired=True).items()]
