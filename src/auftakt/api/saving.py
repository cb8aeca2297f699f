"""Things that a batch verb adds or changes: one as JSON, many as NDJSON with what became of each."""

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DataError, transaction
from django.http import HttpRequest
from ninja import Router

from auftakt.api.bodies import body_of, drafted
from auftakt.api.bulk import Results, Row, bulk
from auftakt.api.callers import Caller
from auftakt.api.pages import single
from auftakt.api.registry import Answered, operation
from auftakt.api.wire import plain
from auftakt.values import Finding, Outcome, Refusal


def saves(
    router: Router,
    path: str,
    *,
    name: str,
    what: str,
    needs: str,
    takes: type,
    verb: Callable[..., Outcome[Any]],
    subject: Callable[[Any], str] | None = None,
    example: str = "",
    answers: Any = dict[str, str],
) -> None:
    """Declare `POST path` for one and `POST path/bulk` for many. `subject` is what refusals know a draft by, where that
    is not its position in the batch."""
    model = body_of(takes)

    def one(caller: Caller, body: Any) -> Any:
        return _told(single(verb([body], actor=caller.actor, at=caller.at)))

    def many(caller: Caller, request: HttpRequest, results: Results = "all") -> Answered:
        def work(rows: list[Row]) -> None:
            for distinct in _rounds(rows, subject):
                _settle(distinct, lambda drafts: verb(drafts, actor=caller.actor, at=caller.at), subject)

        return bulk(request, model, work, results)

    one.__annotations__["body"] = takes
    one.__doc__ = what
    many.__doc__ = (
        f"{what} Many at once.\n\nOne JSON object on each line. Good lines go in whatever the others say; the answer"
        " names for each line what became of it, with every finding for a refused one."
    )
    operation(router.post, path, needs=needs, name=f"save_{name}", answers=answers, example=example)(one)
    operation(router.post, f"{path}/bulk", needs=needs, name=f"save_{name}_bulk", takes=model, bulk=True)(many)


def _told(value: Any) -> dict[str, Any]:
    """What became of one, as an object."""
    if is_dataclass(value):
        return {"result": "saved", **plain(value)}
    if isinstance(value, UUID):
        return {"result": "saved", "id": str(value)}
    if isinstance(value, Decimal):
        return {"result": "saved", "difference": plain(value)}
    return {"result": "saved"} if value is None or isinstance(value, int) else {"result": "saved", "code": str(value)}


def _rounds(rows: Sequence[Row], subject: Callable[[Any], str] | None) -> list[list[Row]]:
    """Rows in rounds in which no subject comes twice, so that a refusal says which row it means."""
    if subject is None:
        return [list(rows)]
    rounds: list[list[Row]] = []
    seen: dict[str, int] = {}
    for row in rows:
        name = subject(row.body)
        turn = seen.get(name, 0) if name else 0
        seen[name] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(row)
    return rounds


def _settle(
    rows: Sequence[Row], call: Callable[[Sequence[Any]], Outcome[Any]], subject: Callable[[Any], str] | None
) -> None:
    """Run the verb over rows. What the database cannot keep is looked for by halves, so that the others go in."""
    drafts = [drafted(row.body) for row in rows]
    try:
        with transaction.atomic():
            outcome = call(drafts)
    except (DataError, UnicodeEncodeError):
        if len(rows) == 1:
            rows[0].refuse([Finding("value_out_of_range", "A value is longer or larger than can be kept: shorten it.")])
            return
        middle = len(rows) // 2
        _settle(rows[:middle], call, subject)
        _settle(rows[middle:], call, subject)
        return
    refusals = _by_position(outcome.refused, drafts, subject)
    rest = [index for index in range(len(rows)) if index not in refusals]
    values: Sequence[Any] = outcome.done if len(outcome.done) == len(rest) else [None] * len(rest)
    for index, value in zip(rest, values, strict=True):
        told = _told(value)
        rows[index].done(told.pop("result"), **told)
    for index, refusal in refusals.items():
        rows[index].refuse(refusal.findings)


def _by_position(
    refused: Sequence[Refusal], drafts: Sequence[Any], subject: Callable[[Any], str] | None
) -> dict[int, Refusal]:
    """Refusals by the position of their draft: told by the finding, or by the subject."""
    found: dict[int, Refusal] = {}
    for refusal in refused:
        at = refusal.findings[0].facts.get("index")
        if at is None and subject is None:
            at = refusal.subject
        if at is not None:
            found[int(at)] = refusal
            continue
        assert subject is not None
        named = [i for i, draft in enumerate(drafts) if subject(draft) == refusal.subject and i not in found]
        if named:
            found[named[-1]] = refusal
        elif refusal.subject.isdecimal() and int(refusal.subject) < len(drafts):
            found[int(refusal.subject)] = refusal
    return found
