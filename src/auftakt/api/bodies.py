"""Bodies as they come in: read as JSON, checked against models made from the drafts of the capabilities."""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union
from uuid import UUID

from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from auftakt.api.faults import Problem, faulty, pointer, shape_findings
from auftakt.values import Finding

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]")
_MOST = Decimal(10) ** 12
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError('a number is wanted, such as 12 or "12.50"')
    return value


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError('a day is wanted, such as "2026-03-31"')
    return date.fromisoformat(value)


def _time(value: Any) -> Any:
    if not isinstance(value, str | time):
        raise ValueError('a time of day is wanted, such as "14:30"')
    return value


def _instant(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError('an instant is wanted, such as "2026-03-31T09:30:00Z"')
    return value


Number = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False)]
"""A decimal, as a JSON number or (better) a string."""
BoundedNumber = Annotated[
    Decimal, BeforeValidator(_number), Field(allow_inf_nan=False, gt=-_MOST, lt=_MOST, decimal_places=6)
]
Day = Annotated[date, BeforeValidator(_day), Field(ge=_FIRST_DAY, le=_LAST_DAY)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Whole = Annotated[int, BeforeValidator(_number), Field(ge=-(2**31), lt=2**31)]
_PLAIN: dict[Any, Any] = {Decimal: BoundedNumber, date: Day, datetime: Instant, time: TimeOfDay, int: Whole}


class Body(BaseModel):
    """A body in which unknown fields are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@cache
def body_of(draft: type[Any], *without: str) -> type[Body]:
    """The body that makes a draft: its fields under their own names, those `without` left out."""
    hints = typing.get_type_hints(draft)
    fields: dict[str, Any] = {}
    for each in dataclasses.fields(draft):
        if each.name in without:
            continue
        default: Any = ...
        if each.default is not dataclasses.MISSING:
            default = each.default
        elif each.default_factory is not dataclasses.MISSING:
            default = each.default_factory()
        fields[each.name] = (_shape(hints[each.name]), default)
    made = create_model(draft.__name__.removesuffix("Draft"), __base__=Body, __doc__=draft.__doc__, **fields)
    made.__draft__ = draft
    return made


def _shape(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return body_of(typing.cast("type[Any]", hint))
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        members = [each for each in inner if not (each is UUID and str in inner)]
        return Union[tuple(_shape(each) for each in members)]  # noqa: UP007 (built at run time)
    if origin is tuple:
        return tuple[_shape(inner[0]), ...]
    return _PLAIN.get(hint, hint)


def drafted(body: Any, **more: Any) -> Any:
    """The draft that a body makes."""
    if isinstance(body, Body):
        draft = type(body).__draft__
        return draft(**{name: drafted(getattr(body, name)) for name in type(body).model_fields}, **more)
    if isinstance(body, tuple):
        return tuple(drafted(each) for each in body)
    return body


class StrictParser(Parser):
    """JSON bodies whose faults are told with line and column."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value, kept as `request.parsed`; raises Problem 400, or 422 for text that cannot be kept."""
        parsed = parse(request.body)
        request.parsed = parsed  # type: ignore[attr-defined]
        return parsed

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        """The query's values."""
        for name in data:
            if any(_UNSTORABLE.search(each) for each in (name, *data.getlist(name))):
                raise Problem(422, "bad_character", f"{name!r} holds a NUL or half a Unicode character.")
        return super().parse_querydict(data, list_fields, request)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse(text: bytes) -> Any:
    """A JSON value. Raises Problem that names line and column, or the places of text that cannot be kept."""
    if not text.strip():
        raise Problem(400, "body_missing", "The body is empty: send JSON.")
    try:
        value = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Problem(
            400, "malformed_json", f"The body is not UTF-8 at byte {error.start}: encode it so.", byte=error.start
        ) from error
    except json.JSONDecodeError as error:
        raise Problem(
            400,
            "malformed_json",
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            line=error.lineno,
            column=error.colno,
        ) from error
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem(400, "malformed_json", f"The body cannot be read: {said}.") from error
    if _ESCAPED.search(text):
        bad = [Finding("bad_character", "Remove the NUL or half Unicode character.", place) for place in _bad(value)]
        if bad:
            raise faulty(422, bad)
    return value


def _bad(value: Any, place: tuple[object, ...] = ()) -> Iterator[str]:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield pointer(place)
    elif isinstance(value, dict):
        for name, each in value.items():
            if _UNSTORABLE.search(name):
                yield pointer(place)
            yield from _bad(each, (*place, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _bad(each, (*place, index))


def checked(model: type[Body], value: Any) -> Any:
    """A body from a parsed value; raises Problem with every fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise faulty(422, shape_findings(error.errors(include_url=False, include_input=False))) from error
