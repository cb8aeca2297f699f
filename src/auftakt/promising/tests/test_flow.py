"""An independent promiser: a day is possible when a maximum flow from supply to all needs carries everything.

It knows nothing of the engine: needs are matched anew each time, whatever was pegged to what. Small random worlds with
calendars, processing days, earlier promises and sourcing rules; the engine must give the same day, and no better one.
"""

import itertools
from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising.engine import Calendars, Picture, Sourcing, SupplyRow, loosen, propose, supply_array
from auftakt.promising.tests.world import key
from auftakt.promising.types import Demand, LaneFacts, Peg, SiteOfSupply
from auftakt.supply.rules import Assignments
from auftakt.supply.types import AssignmentFacts, PromisingTerms, RuleInForce, Scope, Source

ON = date(2026, 3, 2)
ITEM, RULE = key("bolt"), key("rule")
DAYS = 40


@dataclass
class Small:
    """Sites with their working days, supply by site and day, and what is promised: (site, need, amount, from day)."""

    processing: dict[str, int]
    works: dict[str, list[bool]]
    transit: dict[str, int]
    supply: dict[tuple[str, int], int]
    needs: list[tuple[str, int, int, int]]
    quantity: int
    wish: int | None
    ranks: dict[str, int] | None


def most_flow(supply: dict[int, int], needs: list[tuple[int, int]]) -> int:
    """The most that supply (by day) can give to needs (day, amount), by augmenting paths (Edmonds and Karp, 1972)."""
    days, size = list(supply), len(supply) + len(needs) + 2
    left = [[0] * size for _ in range(size)]
    for place, day in enumerate(days, 1):
        left[0][place] = supply[day]
        for number, (need, amount) in enumerate(needs, len(days) + 1):
            left[place][number] = amount if day <= need else 0
            left[number][size - 1] = amount
    total = 0
    while True:
        came = {0: 0}
        queue = deque([0])
        while queue and size - 1 not in came:
            here = queue.popleft()
            for there in range(size):
                if there not in came and left[here][there] > 0:
                    came[there] = here
                    queue.append(there)
        if size - 1 not in came:
            return total
        path = [size - 1]
        while path[-1]:
            path.append(came[path[-1]])
        path.reverse()
        amount = min(left[a][b] for a, b in itertools.pairwise(path))
        for a, b in itertools.pairwise(path):
            left[a][b] -= amount
            left[b][a] += amount
        total += amount


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    names = "PQR"[: draw(st.integers(1, 3))]
    supply: dict[tuple[str, int], int] = {}
    needs: list[tuple[str, int, int, int]] = []
    for name in names:
        for day in draw(st.lists(st.integers(0, 12), max_size=3, unique=True)):
            supply[name, day] = draw(st.integers(1, 8))
    left = dict(supply)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.sampled_from(sorted(left))) if left else None
        if place is not None and left[place]:
            amount = draw(st.integers(1, left[place]))
            left[place] -= amount
            needs.append((place[0], draw(st.integers(place[1], 16)), amount, place[1]))
    weeks = st.lists(st.booleans(), min_size=7, max_size=7).filter(any)
    return Small(
        {name: draw(st.integers(0, 2)) for name in names},
        {name: draw(st.just([True] * 7) | weeks) for name in names},
        {name: draw(st.integers(0, 4)) for name in names},
        supply,
        needs,
        draw(st.integers(1, 12)),
        draw(st.none() | st.integers(0, 15)),
        draw(st.none() | st.fixed_dictionaries({name: st.integers(1, 2) for name in names})),
    )


def on_day(day: int) -> date:
    return ON + timedelta(days=day)


def is_open(small: Small, site: str, day: int) -> bool:
    return small.works[site][on_day(day).weekday()]


def leaves(small: Small, site: str, day: int) -> int:
    """Goods there on a day leave after the processing days, counted from the first open one."""
    open_days = [each for each in range(day, day + 60) if is_open(small, site, each)]
    return open_days[small.processing[site]]


def by_brute_force(small: Small) -> dict[str, int]:
    """For each site the earliest day of arrival of the whole that is not before the wish allows."""
    found: dict[str, int] = {}
    for site in small.processing:
        here = {day: amount for (name, day), amount in small.supply.items() if name == site}
        held = [(need, amount) for name, need, amount, _ in small.needs if name == site]
        first = leaves(small, site, 0)
        if small.wish is not None:
            until = small.wish - small.transit[site]
            wanted = [each for each in range(until, until - 14, -1) if is_open(small, site, each)]
            first = max(first, wanted[0])
        for ship in range(first, DAYS):
            if not is_open(small, site, ship):
                continue
            in_time = [day for day in range(-14, ship + 1) if leaves(small, site, day) <= ship]
            need = max(in_time) if in_time else -99
            asked = [*held, (need, small.quantity)]
            if need >= 0 and most_flow(here, asked) == sum(amount for _, amount in asked):
                found[site] = ship + small.transit[site]
                break
    return found


def best_of(small: Small, arrivals: dict[str, int]) -> int | None:
    """The arrival that is promised: by rank among those in time, else the earliest."""
    if not arrivals:
        return None
    late = {site: max(0, day - small.wish) if small.wish is not None else 0 for site, day in arrivals.items()}
    if small.ranks and len(set(small.ranks.values())) > 1:
        soon = {
            site: day
            for site, day in arrivals.items()
            if (late[site] == 0 if small.wish is not None else day == leaves(small, site, 0) + small.transit[site])
        }
        if soon:
            rank = min(small.ranks[site] for site in soon)
            return min(day for site, day in soon.items() if small.ranks[site] == rank)
    return min((late[site], day) for site, day in arrivals.items())[1]


def asked_of_engine(small: Small) -> tuple[str, int] | None:
    sites = [SiteOfSupply(key(name), name, small.processing[name], name) for name in small.processing]
    lanes = [LaneFacts(key(name), "DE", "", "post", days, Decimal(1), "EUR") for name, days in small.transit.items()]
    begin = ON - timedelta(days=50)
    works = {
        name: np.array([flags[(begin + timedelta(days=day)).weekday()] for day in range(200)])
        for name, flags in small.works.items()
    }
    sourcing = Sourcing({}, None)
    if small.ranks:
        sources = tuple(Source(rank, "ship", name) for name, rank in small.ranks.items())
        rule = RuleInForce("R", 1, sources, PromisingTerms())
        sourcing = Sourcing({RULE: rule}, Assignments([AssignmentFacts(key("use"), RULE, "R", Scope())]))
    picture = Picture(1, sites, lanes, Calendars(begin.toordinal(), works), sourcing)
    drawn = {place: sum(n[2] for n in small.needs if (n[0], n[3]) == place) for place in small.supply}
    picture.load(
        supply_array(
            SupplyRow(
                key(f"{site} {day}"), ITEM, key(site), on_day(day).toordinal() if day else 0, amount * 10**6,
                drawn[site, day] * 10**6, 1 if day else 0,
            )
            for (site, day), amount in small.supply.items()
        )
    )  # fmt: skip
    pegs = [
        Peg(
            key(f"peg {number}"), key(f"earlier {number}"), key(f"{site} {day}"), ITEM, key(site), site,
            "purchase" if day else "on_hand", on_day(day) if day else None, Decimal(amount), on_day(need), 100,
        )
        for number, (site, need, amount, day) in enumerate(small.needs)
    ]  # fmt: skip
    loosen(picture, pegs, ON)
    wish = on_day(small.wish) if small.wish is not None else None
    demand = Demand(
        key("new"), ITEM, ((ITEM, Decimal(1)),), Decimal(small.quantity), country="DE", requested_arrival_on=wish
    )
    piece = propose(picture, [demand], ON).promises[0].pieces[0]
    return (piece.site_code, (piece.arrive_on - ON).days) if piece.arrive_on else None


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_the_engine_finds_the_day_that_a_maximum_flow_finds(small: Small) -> None:
    arrivals = by_brute_force(small)
    told = asked_of_engine(small)
    assert (told[1] if told else None) == best_of(small, arrivals)
    if told:
        assert arrivals[told[0]] == told[1]
