"""A diagram of steps: boxes in layers, each to the right of what it waits for, drawn on the server as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 168, 64, 52, 20, 8


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its key, its words, what it waits for, and how it looks (ok, info, warn, bad, rest)."""

    key: str
    title: str
    note: str = ""
    after: tuple[str, ...] = ()
    tone: str = "rest"


@dataclass(frozen=True, slots=True)
class Box:
    """A node at its place."""

    node: Node
    x: int
    y: int
    title: str
    note: str

    @property
    def middle(self) -> int:
        """Where its words begin."""
        return self.x + 14


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows, and the size they take. `said`: the same in words, for those who do not see it."""

    boxes: Sequence[Box]
    arrows: Sequence[str]
    width: int
    height: int
    said: Sequence[tuple[str, Sequence[str]]]


def drawn(nodes: Sequence[Node]) -> Diagram:
    """The nodes laid out from left to right. What waits for something unknown, or for itself, is drawn at the front."""
    layers = _layers(nodes)
    rows: dict[int, int] = {}
    boxes: dict[str, Box] = {}
    for node in nodes:
        layer = layers[node.key]
        row = rows.get(layer, 0)
        rows[layer] = row + 1
        boxes[node.key] = Box(
            node,
            EDGE + layer * (WIDTH + GAP_X),
            EDGE + row * (HEIGHT + GAP_Y),
            _short(node.title, 19),
            _short(node.note, 24),
        )
    arrows = [_arrow(boxes[before], boxes[node.key]) for node in nodes for before in node.after if before in boxes]
    titles = {node.key: node.title for node in nodes}
    return Diagram(
        list(boxes.values()),
        arrows,
        2 * EDGE + max(layers.values(), default=0) * (WIDTH + GAP_X) + WIDTH,
        2 * EDGE + max(rows.values(), default=1) * (HEIGHT + GAP_Y) - GAP_Y,
        [(node.title, [titles[before] for before in node.after if before in titles]) for node in nodes],
    )


def _layers(nodes: Sequence[Node]) -> Mapping[str, int]:
    """Each node's layer: one more than the last of those it waits for."""
    known = {node.key: node for node in nodes}
    found: dict[str, int] = {}

    def layer(key: str, on_the_way: frozenset[str]) -> int:
        if key not in found:
            before = [each for each in known[key].after if each in known and each not in on_the_way]
            found[key] = max((layer(each, on_the_way | {each}) + 1 for each in before), default=0)
        return found[key]

    for node in nodes:
        layer(node.key, frozenset({node.key}))
    return found


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _arrow(start: Box, end: Box) -> str:
    """A curve from the right side of one box to the left side of another."""
    x1, y1 = start.x + WIDTH, start.y + HEIGHT // 2
    x2, y2 = end.x - 7, end.y + HEIGHT // 2
    bend = max((x2 - x1) // 2, 18)
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
