"""Charts, drawn here as SVG: pure functions from points to markup. Colours are the tokens of the style sheet, so that a
chart is right in the dark too; each point leads to the rows it counts, and the same figures stand in a table for those
who do not see the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor, log10

from babel.numbers import format_compact_decimal
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auftakt.console.formats import locale

WIDTH, HEIGHT = 360, 172
LEFT, RIGHT, TOP, BOTTOM = 40, 6, 10, 24
TONES = ("one", "two", "three", "four")
"""Classes of the series of a chart, in their order."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the axis: the short word below, the value (None: nothing to say), how it is told, where it leads.

    Of a stacked chart, `parts` are the values of the series, in their order.
    """

    label: str
    value: Decimal | float | int | None
    told: str
    href: str = ""
    name: str = ""  # the whole name: `Week from 2 Nov`; empty: the label
    parts: tuple[Decimal | float | int, ...] = ()


def ticks(most: float, wanted: int = 4) -> list[float]:
    """Round numbers from zero up to at least `most`: 0, 50, 100, 150."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough - 1e-12 * power)
    return [round(step * number, 10) for number in range(ceil(most / step - 1e-9) + 1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values and places lie on the sheet."""

    count: int
    top: float

    @property
    def slot(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(self.count, 1)

    def x(self, index: int) -> float:
        """The middle of a place."""
        return round(LEFT + self.slot * (index + 0.5), 2)

    def y(self, value: float) -> float:
        """The height of a value."""
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top, 2)


def bars(points: Sequence[Point], *, key: str, title: str, told: str = "", share: bool = False) -> SafeString:
    """A bar for each point."""
    frame, axis = _axes(points, share)
    width = round(frame.slot * 0.68, 2)
    drawn = format_html_join(
        "",
        '<rect class="one" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
        (
            (round(frame.x(index) - width / 2, 2), frame.y(_size(point)), width, _height(frame, _size(point)))
            for index, point in enumerate(points)
        ),
    )
    return _figure(points, frame, axis + drawn, key, title, told)


def stacked(
    points: Sequence[Point], series: Sequence[str], *, key: str, title: str, told: str = "", share: bool = False
) -> SafeString:
    """Bars made of the parts of each point, the first series at the bottom; a legend names them."""
    whole = [Point(each.label, sum(map(float, each.parts)), each.told, each.href, each.name) for each in points]
    frame, axis = _axes(whole, share)
    width = round(frame.slot * 0.68, 2)
    pieces: list[tuple[object, ...]] = []
    for index, point in enumerate(points):
        below = 0.0
        for tone, part in zip(TONES, point.parts, strict=False):
            size = float(part)
            pieces.append(
                (tone, round(frame.x(index) - width / 2, 2), frame.y(below + size), width, _height(frame, size))
            )
            below += size
    drawn = format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', pieces)
    legend = format_html_join("", '<li><i class="{}"></i>{}</li>', zip(TONES, series, strict=False))
    return _figure(whole, frame, axis + drawn, key, title, told, format_html('<ul class="legend">{}</ul>', legend))


def line(points: Sequence[Point], *, key: str, title: str, told: str = "", share: bool = False) -> SafeString:
    """A line with its area below, interrupted where there is nothing to say."""
    frame, axis = _axes(points, share)
    return _figure(points, frame, axis + _runs(points, frame, steps=False) + _dots(points, frame), key, title, told)


def steps(points: Sequence[Point], *, key: str, title: str, told: str = "") -> SafeString:
    """A level that holds until the next point: what is available from a day on. The table has the days it changes."""
    frame, axis = _axes(points, share=False)
    changes = [*points[:1], *(point for before, point in pairwise(points) if point.value != before.value)]
    return _figure(points, frame, axis + _runs(points, frame, steps=True), key, title, told, rows=changes)


def spark(values: Sequence[Decimal | float | int], title: str) -> SafeString:
    """A line as high as a word, for a cell or a sentence."""
    most = max([float(value) for value in values] or [0]) or 1
    last = max(len(values) - 1, 1)
    way = " ".join(
        f"{round(index * 78 / last + 1, 1)},{round(18 - float(v) * 16 / most, 1)}" for index, v in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 80 20" role="img" aria-label="{}"><polyline points="{}"/></svg>', title, way
    )


def _size(point: Point) -> float:
    return float(point.value or 0)


def _height(frame: _Frame, size: float) -> float:
    return max(round(frame.y(0) - frame.y(size), 2), 0)


def _axes(points: Sequence[Point], share: bool) -> tuple[_Frame, SafeString]:
    """Lines at round values, and the words below: as many as there is room for."""
    marks = [0.0, 0.25, 0.5, 0.75, 1.0] if share else ticks(max([_size(point) for point in points] or [0]))
    frame = _Frame(len(points), marks[-1])
    rows = format_html_join(
        "",
        '<line class="rule" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
        '<text class="tick" x="{3}" y="{2}" dy="0.32em">{4}</text>',
        ((LEFT, WIDTH - RIGHT, frame.y(mark), LEFT - 6, _mark(mark, share)) for mark in marks),
    )
    every = ceil(len(points) / 5)
    below = format_html_join(
        "",
        '<text class="place" x="{}" y="{}">{}</text>',
        (
            (frame.x(index), HEIGHT - 7, point.label)
            for index, point in enumerate(points)
            if (len(points) - 1 - index) % every == 0
        ),
    )
    return frame, rows + below


def _mark(value: float, share: bool) -> str:
    if share:
        return f"{round(value * 100)} %"
    return format_compact_decimal(value, fraction_digits=1, locale=locale())


def _runs(points: Sequence[Point], frame: _Frame, *, steps: bool) -> SafeString:
    """The line and the area of each uninterrupted run of points."""
    runs: list[list[tuple[float, float]]] = [[]]
    for index, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append((frame.x(index), frame.y(_size(point))))
    drawn: list[tuple[str, str]] = []
    for run in filter(None, runs):
        way = run
        if steps:
            way = [run[0]] + [spot for before, after in pairwise(run) for spot in ((after[0], before[1]), after)]
        text = " ".join(f"{x},{y}" for x, y in way)
        drawn.append((f"{way[0][0]},{frame.y(0)} {text} {way[-1][0]},{frame.y(0)}", text))
    return format_html_join("", '<polygon class="area" points="{}"/><polyline class="way" points="{}"/>', drawn)


def _dots(points: Sequence[Point], frame: _Frame) -> SafeString:
    spots = ((frame.x(i), frame.y(_size(point))) for i, point in enumerate(points) if point.value is not None)
    return format_html_join("", '<circle class="dot" cx="{}" cy="{}" r="3"/>', spots)


def _figure(
    points: Sequence[Point],
    frame: _Frame,
    drawn: str,
    key: str,
    title: str,
    told: str,
    legend: str = "",
    rows: Sequence[Point] | None = None,
) -> SafeString:
    """The picture with its title, the places to press over it, and the table that says the same."""
    places = format_html_join("", "{}", ((_place(point, frame, index),) for index, point in enumerate(points)))
    said = format_html_join(
        "",
        "<tr><th scope=row>{}</th><td>{}</td></tr>",
        ((point.name or point.label, point.told) for point in (points if rows is None else rows)),
    )
    return format_html(
        '<figure class="chart"><figcaption id="{0}-t">{1}{2}</figcaption>'
        '<svg viewBox="0 0 {3} {4}" role="group" aria-labelledby="{0}-t">{5}{6}</svg>{7}'
        '<table class="visually-hidden"><caption>{1}</caption><tbody>{8}</tbody></table></figure>',
        key,
        title,
        format_html(" <b>{}</b>", told) if told else "",
        WIDTH,
        HEIGHT,
        drawn,
        places,
        legend,
        said,
    )


def _place(point: Point, frame: _Frame, index: int) -> SafeString:
    """What is pressed and pointed at: the whole height of a place."""
    name = f"{point.name or point.label}: {point.told}"
    box = format_html(
        '<rect class="place-box" x="{}" y="{}" width="{}" height="{}"/><title>{}</title>',
        round(LEFT + frame.slot * index, 2), TOP, round(frame.slot, 2), HEIGHT - TOP - BOTTOM, name,
    )  # fmt: skip
    if not point.href:
        return format_html("<g>{}</g>", box)
    return format_html('<a href="{}" aria-label="{}">{}</a>', point.href, name, box)
