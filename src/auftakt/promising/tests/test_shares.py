"""What demand classes may have, in the search: text worlds in, text promises out. Day 1 is Monday 2 March 2026."""

import pytest

from auftakt.promising.engine import propose, put_back
from auftakt.promising.tests.world import DAY_ZERO, World, day


def ships(made: World) -> list[int | None]:
    """The days on which the pieces of all demands leave; None for what is not promised."""
    pieces = [piece for promise in made.plan() for piece in promise.pieces]
    return [(piece.ship_on - DAY_ZERO).days if piece.ship_on else None for piece in pieces]


SIXTY_FORTY = """
site BER 0
lane BER DE 0
class high - 1
class low - 2
share bolt high=60 low=40 steal=0 basis={basis}
supply bolt BER hand 100
supply bolt BER d10 100
want Y bolt 30 DE ship=d1 class=high
want X bolt 30 DE ship=d1 class=low
"""


@pytest.mark.parametrize(("basis", "low_on"), [("remaining", 10), ("original", 1)])
def test_shares_of_what_remains_and_of_what_there_was(basis: str, low_on: int) -> None:
    """AT-GOP-6: of what remains, 40 % of 70 are 28, and 30 come nine days later; of what there was, 40 are enough."""
    high, low = ships(World(SIXTY_FORTY.format(basis=basis)))
    assert (high, low) == (1, low_on)


TREE = """
site BER 0
lane BER DE 0
class VO - 1
class High - 2
class Low - 3
class NE High 2
class NW High 1
class SE High 3
class SW High 4
share bolt VO=15 High=5 Low=15 NE=20 NW=25 SE=10 SW=10 {steal}
supply bolt BER hand 200
want A bolt 220 DE class=NE split=dates
"""


STOLEN = {"SE": "20", "SW": "20", "Low": "30"}


@pytest.mark.parametrize(("steal", "left", "took"), [("steal=0", 170, {}), ("", 100, STOLEN)])
def test_a_class_takes_from_those_that_matter_less(steal: str, left: int, took: dict[str, str]) -> None:
    """After AT-GOP-7: its own 40, its parent's 10; then SW, SE and Low, but neither NW nor VO."""
    promise = World(TREE.format(steal=steal)).plan()[0]
    assert promise.unpromised == left
    assert promise.reason["allocated"] == "NE"
    assert dict(promise.reason.get("took_from", [])) == took


def test_what_one_line_took_is_gone_for_the_next_of_its_class() -> None:
    text = SIXTY_FORTY.format(basis="original").replace("want Y bolt 30", "want Y bolt 50")
    made = World(text + "want Z bolt 20 DE ship=d1 class=high\nwant W bolt 5 DE ship=d1\n")
    assert ships(made) == [1, 1, 10, None]


def test_asking_leaves_everything_as_it_was() -> None:
    made = World(SIXTY_FORTY.format(basis="original"))
    put_back(propose(made.picture, made.demands, day("d1")).taken)
    assert made.picture.shelf.heap.rows["free"].sum() == 200 * 10**6
