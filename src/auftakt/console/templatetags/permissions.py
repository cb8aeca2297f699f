"""What a user may, asked in a template."""

from typing import Any

from django import template

from auftakt.identity.queries import may as is_granted

register = template.Library()


@register.filter
def may(user: Any, permission: str) -> bool:
    """{% if request.user|may:"catalog.edit" %}"""
    return is_granted(user.roles, permission)
