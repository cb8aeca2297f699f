"""Verbs about how lists look to their users: saved views, columns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.identity import rules
from auftakt.identity.types import LayoutDraft, SavedViewDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns
from auftakt.values import Outcome, Refusal, new_ids

sql = Statements("auftakt.identity")


def save_views(drafts: Sequence[SavedViewDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Keep views of lists; one of the same owner, list and name is replaced. Refuses malformed names and queries."""
    good, refused = [], []
    for draft in drafts:
        found = tuple(rules.view_findings(draft))
        if found:
            refused.append(Refusal(draft.name, found))
        else:
            good.append(draft)
    rows = [
        (key, draft.owner_id, draft.list_name, draft.name.strip(), draft.query, draft.is_shared)
        for key, draft in zip(new_ids(len(good)), good, strict=True)
    ]
    with transaction.atomic():
        ids, owners, lists, names, queries, shares = columns(rows, 6)
        kept = {
            (owner, list_name, name): key
            for key, owner, list_name, name in sql.rows(
                "save_views", ids=ids, owners=owners, lists=lists, names=names, queries=queries, shares=shares
            )
        }
        entries = [
            Entry("saved_view", kept[row[1:4]], {"list": row[2], "name": row[3], "shared": row[5]}) for row in rows
        ]
        journal.write("saved_view.saved", entries, actor=actor, at=at)
    return Outcome(tuple(kept[row[1:4]] for row in rows), tuple(refused))


def delete_views(ids: Sequence[UUID], *, owner_id: UUID, actor: str, at: datetime) -> Outcome[UUID]:
    """Forget views of a user. Refuses `view_unknown`: there is none, or it belongs to somebody else."""
    with transaction.atomic():
        gone = {key for (key,) in sql.rows("delete_views", ids=list(ids), owner=owner_id)}
        journal.write(
            "saved_view.deleted", [Entry("saved_view", key) for key in ids if key in gone], actor=actor, at=at
        )
    refused = [
        Refusal.because(key, "view_unknown", "You have no such saved view.", view=key) for key in ids if key not in gone
    ]
    return Outcome(tuple(key for key in ids if key in gone), tuple(refused))


def save_layouts(drafts: Sequence[LayoutDraft]) -> None:
    """Keep which columns users see in lists. Not journaled: it says nothing about the business."""
    given = {(draft.user_id, draft.list_name): draft.columns for draft in drafts}
    rows = [
        (key, user, name, " ".join(chosen))
        for key, ((user, name), chosen) in zip(new_ids(len(given)), given.items(), strict=True)
    ]
    ids, users, lists, chosen = columns(rows, 4)
    sql.run("save_layouts", ids=ids, users=users, lists=lists, columns=chosen)
