"""Shares of scarce supply: the documented examples, and what holds of every tree."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising import rules
from auftakt.promising.types import OPEN, AllocationDraft, DemandClass, Target

WEEK = date(2026, 3, 2)
NEXT = WEEK + timedelta(7)
ORACLE = rules.DemandTree(
    [
        DemandClass("VO", "Vision"), DemandClass("High", "", "VO", 1), DemandClass("Low", "", "VO", 2),
        DemandClass("NW", "", "High", 7), DemandClass("NE", "", "High", 9),
        DemandClass("SW", "", "Low", 10), DemandClass("SE", "", "Low", 15),
    ]
)  # fmt: skip


def numbers(**each: int) -> dict[str, Decimal]:
    return {code: Decimal(number) for code, number in each.items()}


SHARES = numbers(VO=15, High=5, Low=15, NE=20, NW=25, SE=10, SW=10)


def in_week(allotted: dict[str, dict[date, Decimal]], week: date = WEEK) -> dict[str, Decimal]:
    return {code: weeks[week] for code, weeks in allotted.items() if weeks[week]}


def test_shares_of_what_there_was_and_of_what_remains() -> None:
    """AT-GOP-6: 60/40 of 100, and of another 100 nine days later; y (high) and x (low) want 30 each."""
    tree = rules.DemandTree([DemandClass("high"), DemandClass("low", rank=2)])
    first, second = date(2026, 1, 1), date(2026, 1, 10)
    supply = {rules.monday(day): Decimal(100) for day in (first, second)}
    shares = numbers(high=60, low=40)
    allotted = rules.allot(supply, shares, "percent")
    left = in_week(allotted, rules.monday(first))
    got, rest = rules.take(Decimal(30), "high", left, tree)
    assert (got, rest) == (numbers(high=30), 0)
    assert rules.room("low", left, tree) == 40  # original: x is on time
    remaining = rules.of_remaining(Decimal(100), Decimal(30), shares, "percent")
    assert remaining["low"] == 28  # 40 % of 70: x has to wait
    later = rules.of_remaining(Decimal(100), Decimal(0), shares, "percent")
    assert rules.room("low", later, tree) == 40
    assert (second - first).days == 9


def test_parents_first_then_those_that_matter_less() -> None:
    """AT-GOP-7: of 200, NE wants 220."""
    left = in_week(rules.allot({WEEK: Decimal(200)}, SHARES, "percent"))
    assert left == numbers(VO=30, High=10, Low=30, NE=40, NW=50, SE=20, SW=20)
    got, rest = rules.take(Decimal(220), "NE", left, ORACLE, may_steal=False)
    assert (sum(got.values()), rest) == (80, 140)
    got, rest = rules.take(Decimal(220), "NE", left, ORACLE)
    assert list(got) == ["NE", "High", "VO", "SE", "SW", "Low"]
    assert (sum(got.values()), rest) == (150, 70)
    assert "NW" not in got
    charged = rules.charge(
        {"NE": {WEEK: Decimal(150)}}, {c: {WEEK: n} for c, n in left.items()}, ORACLE, this_week=WEEK
    )
    assert {code: weeks[WEEK] for code, weeks in charged.left.items() if weeks[WEEK]} == numbers(NW=50)
    assert [(each.from_class, each.steals) for each in charged.takings] == [
        ("High", False), ("VO", False), ("SE", True), ("SW", True), ("Low", True),
    ]  # fmt: skip


def test_quantities_are_scaled_down_to_what_there_is() -> None:
    """AT-GOP-8: 1,000 wanted of 500."""
    wanted = numbers(VO=100, High=50, Low=50, NE=200, NW=300, SE=100, SW=200)
    allotted = in_week(rules.allot({WEEK: Decimal(500)}, wanted, "quantity"))
    assert allotted == numbers(VO=50, High=25, Low=25, NE=100, NW=150, SE=50, SW=100)
    assert in_week(rules.allot({WEEK: Decimal(1200)}, wanted, "quantity")) == {**wanted, OPEN: Decimal(200)}


def test_an_adjustment_keeps_the_total_of_the_week() -> None:
    """AT-GOP-9: NE gets 60 instead of 20; the others share the remaining 40 as before."""
    new = rules.adjusted(SHARES, "NE", Decimal(60))
    assert new == numbers(NE=60) | {code: number / 2 for code, number in SHARES.items() if code != "NE"}
    assert rules.adjusted(SHARES, "NE", Decimal(101)) is None
    assert rules.adjusted(numbers(a=10, b=0), "a", Decimal(5)) is None
    draft = AllocationDraft("r", "R", (Target("a", Decimal(60)), Target("b", Decimal(40))), sku="X")
    assert not list(rules.allocation_findings(draft))


def test_ratios_and_shares_below_the_whole() -> None:
    assert in_week(rules.allot({WEEK: Decimal(2000)}, numbers(a=3, b=1), "ratio")) == numbers(a=1500, b=500)
    assert in_week(rules.allot({WEEK: Decimal(100)}, numbers(a=30), "percent")) == {OPEN: Decimal(70), "a": Decimal(30)}
    assert in_week(rules.allot({WEEK: Decimal(-5)}, numbers(a=30), "percent")) == {}


def test_what_a_past_week_left_falls_to_the_parent() -> None:
    allotted = rules.allot({WEEK: Decimal(100), NEXT: Decimal(0)}, SHARES, "percent")
    charged = rules.charge({"NE": {WEEK: Decimal(15)}}, allotted, ORACLE, this_week=NEXT)
    assert charged.left["High"][NEXT] == 30  # of NE 5, of NW 25
    assert charged.left["Low"][NEXT] == 20
    assert charged.left["VO"][NEXT] == 20
    assert charged.left[OPEN][NEXT] == 15
    assert not charged.left["NE"][WEEK]


def test_none_takes_from_its_equal_or_better() -> None:
    tree = rules.DemandTree([DemandClass("a"), DemandClass("b", rank=2), DemandClass("c", rank=2)])
    assert rules.order_of_taking("a", tree) == ["a", OPEN, "c", "b"]
    assert rules.order_of_taking("b", tree) == ["b", OPEN]
    assert rules.order_of_taking("nobody", tree) == [OPEN]


def test_a_class_finds_its_promise_though_one_below_it_came_first() -> None:
    """What is open is all that a may have; d took it in the replay although it could take from e."""
    classes = [DemandClass("a"), DemandClass("d", parent="a"), DemandClass("e", parent="a", rank=2)]
    tree = rules.DemandTree(classes)
    allotted = {OPEN: {WEEK: Decimal(99)}, "e": {WEEK: Decimal(1)}}
    charged = rules.charge({"a": {WEEK: Decimal(99)}, "d": {WEEK: Decimal(1)}}, allotted, tree, this_week=WEEK)
    told = {(each.by, each.from_class): (each.quantity, each.steals, each.over) for each in charged.takings}
    assert told == {("a", OPEN): (99, False, False), ("d", "e"): (1, True, False)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_never_more_than_supply_and_the_higher_never_loses_to_the_lower(data: st.DataObject) -> None:
    codes = ["a", "b", "c", "d", "e"]
    parents = [data.draw(st.sampled_from([OPEN, *codes[:place]])) for place in range(len(codes))]
    ranks = data.draw(st.lists(st.integers(1, 3), min_size=5, max_size=5))
    tree = rules.DemandTree(
        DemandClass(code, "", parent, rank) for code, parent, rank in zip(codes, parents, ranks, strict=True)
    )
    kind = data.draw(st.sampled_from(["percent", "quantity", "ratio"]))
    shares = {code: Decimal(data.draw(st.integers(0, 20))) for code in codes}
    supply = Decimal(data.draw(st.integers(0, 300)))
    left = {code: weeks[WEEK] for code, weeks in rules.allot({WEEK: supply}, shares, kind).items()}
    assert sum(left.values()) == supply
    first, taken = dict(left), {code: Decimal(0) for code in [OPEN, *codes]}
    wishes = st.tuples(st.sampled_from([OPEN, *codes]), st.integers(1, 60), st.booleans())
    for code, wanted, steals in data.draw(st.lists(wishes, max_size=12)):
        before = dict(left)
        got, rest = rules.take(Decimal(wanted), code, left, tree, steals)
        assert sum(got.values()) + rest == wanted
        for owner, part in got.items():
            left[owner] -= part
            assert left[owner] >= 0
        untouched = set(codes) - set(rules.order_of_taking(code, tree))
        assert all(left[other] == before[other] for other in untouched)
        taken[code] += sum(got.values())
    charged = rules.charge(
        {code: {WEEK: amount} for code, amount in taken.items()},
        {code: {WEEK: amount} for code, amount in first.items()}, tree, this_week=WEEK,
    )  # fmt: skip
    assert sum(weeks[WEEK] for weeks in charged.left.values()) == supply - sum(taken.values())
    assert all(weeks[WEEK] >= 0 for weeks in charged.left.values())
    assert not any(each.over for each in charged.takings)  # whoever came first, all find what they were promised
