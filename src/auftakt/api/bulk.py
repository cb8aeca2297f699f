"""Bulk: many records as NDJSON, one on each line. A bad line is told by its number, and the others go in."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Query
from pydantic import ValidationError

from auftakt.api.bodies import Body, parse
from auftakt.api.faults import Problem, finding_json, shape_findings
from auftakt.api.registry import Answered
from auftakt.values import Finding

CHUNK = 1000
MOST_LINES: int = settings.AUFTAKT_BULK_LIMIT
Results = Annotated[Literal["all", "refused"], Query(description="Which lines the answer lists.")]
NDJSON = "application/x-ndjson"
_ACCEPTED = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/json", "text/plain", ""})


@dataclass(slots=True)
class Row:
    """A line of the input, and what became of it."""

    line: int
    body: Any = None
    raw: Any = None
    result: dict[str, Any] | None = None

    def refuse(self, findings: Sequence[Finding]) -> None:
        """The line does not go in."""
        self.result = {
            "line": self.line,
            "result": "refused",
            "code": findings[0].code,
            "findings": [finding_json(each) for each in findings],
        }

    def done(self, result: str, **facts: Any) -> None:
        """The line went in."""
        self.result = {"line": self.line, "result": result, **facts}


def bulk(request: HttpRequest, model: type[Body], work: Callable[[list[Row]], None], results: str = "all") -> Answered:
    """Read the lines, hand them to `work` in chunks of a thousand, and answer row by row.

    With `results` "refused" only refused lines are listed; with `Accept: application/x-ndjson` each is a line.
    """
    media = (request.content_type or "").lower()
    if media not in _ACCEPTED:
        raise Problem(415, "not_ndjson", f"Send one JSON object on each line as {NDJSON}, not {media}.")
    rows: list[Row] = []
    for chunk in _chunks(_lines(request.body)):
        rows += chunk
        good: list[Row] = []
        for row in chunk:
            if _read(row, model):
                good.append(row)
        if good:
            work(good)
        for row in chunk:
            row.body = row.raw = None
    if not rows:
        raise Problem(400, "body_missing", "The body has no lines: send one JSON object on each.")
    return _answer(request, rows, results)


def _lines(body: bytes) -> Iterator[Row]:
    count = 0
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            count += 1
            if count > MOST_LINES:
                raise Problem(413, "too_many_lines", f"Send at most {MOST_LINES:,} lines at once.", line=number)
            yield Row(number, raw=line)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    # The lines are counted to the end before the first chunk is worked on: too many are refused as a whole.
    held = list(rows)
    for start in range(0, len(held), CHUNK):
        yield held[start : start + CHUNK]


def _read(row: Row, model: type[Body]) -> bool:
    try:
        row.raw = parse(row.raw)
        row.body = model.model_validate(row.raw)
    except Problem as problem:
        row.refuse(problem.findings)
    except ValidationError as error:
        row.refuse(shape_findings(error.errors(include_url=False, include_input=False)))
    return row.result is None


def _answer(request: HttpRequest, rows: Sequence[Row], wanted: str) -> Answered:
    results = [row.result or {"line": row.line, "result": "done"} for row in rows]
    counts: dict[str, int] = {}
    for each in results:
        counts[each["result"]] = counts.get(each["result"], 0) + 1
    if wanted == "refused":
        results = [each for each in results if each["result"] == "refused"]
    if NDJSON in request.headers.get("Accept", ""):
        body = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in results)
        return Answered(body.encode("utf-8", "replace"), media_type=NDJSON)
    return Answered({"lines": len(rows), "counts": counts, "results": results})
