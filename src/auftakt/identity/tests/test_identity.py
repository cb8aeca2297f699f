"""Users, passwords, API keys, and the table of permissions."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.identity import actions, queries
from auftakt.identity.models import ApiKey, User
from auftakt.identity.types import (
    PERMISSIONS,
    ROLE_NAMES,
    ApiKeyDraft,
    PasswordChange,
    Role,
    UserChange,
    UserDraft,
)
from auftakt.platform.models import JournalEntry

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def user(name: str, *roles: str, password: str = "") -> UserDraft:
    return UserDraft(f"{name}@example.com", name, roles or ("viewer",), password)


def test_every_role_is_named_and_the_admin_may_everything() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert all(Role.ADMIN in holders and holders <= set(Role) for holders in PERMISSIONS.values())
    assert queries.permissions_of(["admin"]) == set(PERMISSIONS)


def test_roles_and_scopes_are_asked_the_same_way() -> None:
    assert queries.may(["warehouse"], "fulfilment.work")
    assert not queries.may(["viewer", "sales"], "users.manage")
    assert queries.may({"orders.view"}, "orders.view")
    assert not queries.may({"orders.view"}, "orders.edit")
    with pytest.raises(KeyError):
        queries.may(["admin"], "orders.veiw")


@pytest.mark.django_db
def test_users_are_created_with_hashed_passwords_and_all_findings() -> None:
    drafts = [
        UserDraft("Anna@Example.com", "Anna", ("admin",), "correct horse"),
        UserDraft("no address", "", ("boss",), "short", language="fr"),
        UserDraft("anna@example.com", "Anna again", ("viewer",)),
    ]
    outcome = actions.create_users(drafts, **BY)
    assert len(outcome.done) == 1
    stored = User.objects.get()
    assert stored.email == "anna@example.com"
    assert "correct" not in stored.password
    assert authenticate(username="anna@example.com", password="correct horse") == stored
    assert [[finding.place for finding in refusal.findings] for refusal in outcome.refused] == [
        ["/email", "/name", "/roles/0", "/language", "/password"], ["/email"]
    ]  # fmt: skip
    assert outcome.refused[1].code == "user_exists"
    assert list(JournalEntry.objects.values_list("verb", flat=True)) == ["user.created"]


@pytest.mark.django_db
def test_a_user_without_password_cannot_log_in() -> None:
    actions.create_users([user("bob")], **BY)
    assert authenticate(username="bob@example.com", password="") is None


@pytest.mark.django_db
def test_the_last_active_administrator_stays() -> None:
    first, second = actions.create_users([user("a", "admin"), user("b", "admin")], **BY).done
    both = [UserChange(first, is_active=False), UserChange(second, roles=("sales",))]
    outcome = actions.change_users(both, **BY)
    assert outcome.done == (first,)
    assert outcome.refused[0].code == "last_admin"
    assert queries.users([second])[second].roles == ("admin",)


@pytest.mark.django_db
def test_a_change_that_changes_nothing_is_silent() -> None:
    (first,) = actions.create_users([user("a", "admin")], **BY).done
    before = JournalEntry.objects.count()
    assert actions.change_users([UserChange(first, name="a", roles=("admin",))], **BY).done == (first,)
    assert JournalEntry.objects.count() == before
    actions.change_users([UserChange(first, name="Ada")], **BY)
    assert JournalEntry.objects.latest("id").change == {"name": ["a", "Ada"]}


@pytest.mark.django_db
def test_own_password_needs_the_current_one() -> None:
    (first,) = actions.create_users([user("a", "admin", password="old password")], **BY).done
    wrong = actions.change_passwords([PasswordChange(first, "new", current="guess")], **BY)
    assert [finding.code for finding in wrong.refused[0].findings] == ["password_wrong", "password_too_short"]
    assert authenticate(username="a@example.com", password="old password")
    assert actions.change_passwords([PasswordChange(first, "new password", current="old password")], **BY).done
    assert authenticate(username="a@example.com", password="new password")
    assert JournalEntry.objects.latest("id").change == {"password": "changed"}


@pytest.mark.django_db
def test_a_key_works_until_it_is_revoked() -> None:
    outcome = actions.create_api_keys(
        [ApiKeyDraft("shop", ("orders.edit", "orders.view")), ApiKeyDraft("", ("orders.fly",))], **BY
    )
    (made,) = outcome.done
    assert [finding.code for finding in outcome.refused[0].findings] == ["name_missing", "scope_unknown"]
    assert made.secret.startswith("auf_")
    assert made.secret not in str(ApiKey.objects.values())
    today = date(2026, 3, 2)
    holder = queries.authenticate_key(made.secret, today)
    assert holder is not None
    assert holder.scopes == {"orders.edit", "orders.view"}
    assert not holder.noted
    actions.note_key_use([holder.id], on=today)
    noted = queries.authenticate_key(made.secret, today)
    assert noted is not None
    assert noted.noted
    assert queries.authenticate_key(made.secret[:-1] + "?", today) is None
    assert queries.authenticate_key("auf_00000000_" + made.secret[13:], today) is None
    assert actions.revoke_api_keys([made.id], **BY).done == (made.id,)
    assert actions.revoke_api_keys([made.id], **BY).done == (made.id,)
    assert queries.authenticate_key(made.secret, today) is None
    verbs = list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["api_key.created", "api_key.revoked"]
    assert actions.revoke_api_keys([holder.id, User().id], **BY).refused[0].code == "api_key_unknown"


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch() -> None:
    def count(drafts: list[UserDraft]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ids = actions.create_users(drafts, **BY).done
            actions.change_users([UserChange(key, name="X") for key in ids], **BY)
        return len(seen)

    assert count([user("one")]) == count([user(f"many{number}") for number in range(200)])


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_retire_each_other_at_once_leave_one() -> None:
    ids = actions.create_users([user("a", "admin"), user("b", "admin")], **BY).done
    barrier = threading.Barrier(2)

    def retire(index: int) -> None:
        barrier.wait()
        actions.change_users([UserChange(ids[index], is_active=False)], **BY)
        connection.close()

    threads = [threading.Thread(target=retire, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_active=True).count() == 1


@pytest.mark.django_db
def test_verify_finds_a_company_without_administrator() -> None:
    assert queries.sql.rows("verify_active_admin")[0][0] == 0
    actions.create_users([user("a")], **BY)
    assert queries.sql.rows("verify_active_admin")[0][:2] == (1, 1)
    assert queries.sql.rows("verify_key_digests")[0][:2] == (0, 0)
