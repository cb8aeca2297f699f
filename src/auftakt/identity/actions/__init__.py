"""Verbs of identity: users, passwords, API keys, how lists look to their users."""

from auftakt.identity.actions.keys import create_api_keys, note_key_use, revoke_api_keys
from auftakt.identity.actions.users import change_passwords, change_users, create_users
from auftakt.identity.actions.views import delete_views, save_layouts, save_views

__all__ = [
    "change_passwords",
    "change_users",
    "create_api_keys",
    "create_users",
    "delete_views",
    "note_key_use",
    "revoke_api_keys",
    "save_layouts",
    "save_views",
]
