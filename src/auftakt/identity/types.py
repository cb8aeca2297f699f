"""The nouns of identity: roles, permissions, users, API keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person does in the company. A user has one or more."""

    ADMIN = "admin"
    ORDER_MANAGER = "order_manager"
    SALES = "sales"
    WAREHOUSE = "warehouse"
    PLANNER = "planner"
    FINANCE = "finance"
    VIEWER = "viewer"


ROLE_NAMES: Mapping[str, str] = {
    Role.ADMIN: "Administrator",
    Role.ORDER_MANAGER: "Order manager",
    Role.SALES: "Sales",
    Role.WAREHOUSE: "Warehouse",
    Role.PLANNER: "Planner",
    Role.FINANCE: "Finance",
    Role.VIEWER: "Viewer",
}


def _roles(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


# How numbers and days are written: by the language, or as another country writes them.
FORMATS = ("", "en-GB", "en-US", "en-IE", "de-DE", "de-AT", "de-CH")
THEMES = ("", "light", "dark")  # empty: as the system has it
DENSITIES = ("comfortable", "compact")

# Permission -> the roles that have it. The administrator has every one.
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "orders.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "orders.edit": _roles("admin order_manager sales"),
    "orders.hold": _roles("admin order_manager finance"),
    "orders.cancel": _roles("admin order_manager sales"),
    "orders.adjust_price": _roles("admin order_manager sales"),
    "catalog.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "catalog.edit": _roles("admin order_manager"),
    "parties.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "parties.edit": _roles("admin order_manager sales finance"),
    "stock.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "stock.edit": _roles("admin warehouse"),
    "stock.approve": _roles("admin order_manager planner"),  # counts beyond tolerance, by another than the counter
    "supply.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "supply.edit": _roles("admin order_manager warehouse planner"),
    "supply.approve": _roles("admin order_manager"),  # purchase orders beyond the limit
    "planning.work": _roles("admin order_manager planner"),  # serve lines in jeopardy otherwise
    "sourcing.view": _roles("admin order_manager sales planner viewer"),
    "sourcing.edit": _roles("admin planner"),
    "prices.view": _roles("admin order_manager sales finance viewer planner"),
    "prices.edit": _roles("admin order_manager finance"),
    "fulfilment.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "fulfilment.work": _roles("admin order_manager warehouse"),
    "billing.view": _roles("admin order_manager sales finance viewer"),
    "billing.work": _roles("admin finance"),
    "sites.edit": _roles("admin order_manager planner"),
    "settings.view": _roles("admin order_manager sales planner finance viewer"),
    "settings.edit": _roles("admin finance"),
    "policies.view": _roles("admin order_manager viewer planner"),
    "policies.edit": _roles("admin order_manager"),
    "users.manage": _roles("admin"),
    "documents.view": _roles("admin order_manager sales warehouse finance viewer planner"),
    "mail.view": _roles("admin order_manager sales finance"),
    "mail.work": _roles("admin order_manager sales finance"),
    "webhooks.manage": _roles("admin"),
    "journal.view": _roles("admin order_manager finance viewer planner"),
    "jobs.manage": _roles("admin"),  # see and steer the long work of everybody
}


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A new user. An empty password means that the user cannot log in until one is set."""

    email: str
    name: str
    roles: tuple[str, ...]
    password: str = ""
    language: str = "en"
    site_code: str = ""
    formats: str = ""


@dataclass(frozen=True, slots=True)
class UserChange:
    """New values for a user; None leaves a value as it is."""

    user_id: UUID
    name: str | None = None
    roles: tuple[str, ...] | None = None
    language: str | None = None
    site_code: str | None = None
    is_active: bool | None = None
    formats: str | None = None
    theme: str | None = None
    density: str | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A new password. `current` is asked of a user who changes the own one; None when an administrator sets it."""

    user_id: UUID
    password: str
    current: str | None = None


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A user as others may know it."""

    id: UUID
    email: str
    name: str
    roles: tuple[str, ...]
    language: str
    site_code: str
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SavedViewDraft:
    """A list as somebody wants to find it again: the query of its address under a name.

    `list_name` is the list's name, `query` its filters, order and columns as an address carries them. A shared view is
    offered to everybody who may open the list.
    """

    owner_id: UUID
    list_name: str
    name: str
    query: str
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class SavedViewFacts:
    """A saved view as its readers see it."""

    id: UUID
    list_name: str
    name: str
    query: str
    is_shared: bool
    owner_id: UUID
    owner_name: str


@dataclass(frozen=True, slots=True)
class LayoutDraft:
    """The columns a user wants to see in a list, in their order; none brings the usual ones back."""

    user_id: UUID
    list_name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiKeyDraft:
    """A new key for a program, with the permissions it shall have."""

    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiKeyMade:
    """A key just made. `secret` is shown this once and stored nowhere."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    secret: str


@dataclass(frozen=True, slots=True)
class ApiKeyFacts:
    """A key as it stands in lists."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    revoked_at: datetime | None
    last_used_on: date | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The program behind a valid key. `noted` says that this day's use has been written down already."""

    id: UUID
    name: str
    scopes: frozenset[str]
    noted: bool
