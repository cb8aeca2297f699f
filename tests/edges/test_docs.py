"""The documents tell the truth where a machine can see it: links, commands, settings, routes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from django.urls import reverse
from typer.main import get_command

from auftakt.api.registry import REGISTRY
from auftakt.channels.files import shipped_maps
from auftakt.cli.commands import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[`\s/])auftakt ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(.*)", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_API = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/api/v1/[^\s`?\"']*)")
_URL = re.compile(r"http://127\.0\.0\.1:8000(/[^\s`?\"'\\]*)|\$API(/[^\s`?\"'\\]*)")
_MACHINE = re.compile(r"(?<![\w.~:])/(?:work|tmp|root|home)/")

parametrised = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(document: Path) -> set[str]:
    prose = _FENCE.sub("", document.read_text("utf-8"))
    return {_anchor(line.lstrip("#")) for line in prose.splitlines() if line.startswith("#")}


@parametrised
def test_relative_links_resolve(document: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", document.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), f"{document.name} links to {target}, which is not there"
        if anchor:
            assert anchor in _anchors(found), f"{document.name} links to {target}: there is no such heading"


def _told(document: Path) -> Iterator[tuple[str, str, str]]:
    """Commands in code: name, the word after it, and the rest of the line."""
    text = document.read_text("utf-8")
    for block in [*_FENCE.findall(text), *re.findall(r"`[^`\n]+`", _FENCE.sub("", text))]:
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            for found in _COMMAND.finditer(line.split("#")[0].rstrip("`")):
                yield found[1], found[2] or "", found[3]


@parametrised
def test_commands_and_their_options_exist(document: Path) -> None:
    root = get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    for name, word, rest in _told(document):
        assert name in root.commands, f"{document.name} names `auftakt {name}`, which does not exist"
        command = root.commands[name]
        if isinstance(command, typer.core.TyperGroup):
            if not word:
                continue
            assert word in command.commands, f"{document.name} names `auftakt {name} {word}`, which does not exist"
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        strange = set(_OPTION.findall(rest)) - options
        assert not strange, f"{document.name}: `auftakt {name}` has no {', '.join(sorted(strange))}"


def test_every_command_is_in_the_readme() -> None:
    root = get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    told = {name for name, _, _ in _told(ROOT / "README.md")}
    assert set(root.commands) == told


def test_settings_of_the_readme_are_read_and_none_is_missing() -> None:
    source = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py") if "tests" not in path.relative_to(ROOT).parts
    )
    read = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", source)) | set(re.findall(r"envvar=\"(\w+)\"", source))
    readme = (ROOT / "README.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", readme, re.MULTILINE))
    assert told, "the table of settings is gone"
    assert told <= read, f"nobody reads {told - read}"
    assert read <= told, f"the README does not name {read - told}"


def _shape(path: str) -> str:
    """An address with every variable part as {}, whatever its name or converter."""
    return re.sub(r"\{[^}]*\}|\$\w+|(?<=/)SO-\d+", "{}", path.rstrip(".,)/"))


def test_shapes_of_addresses() -> None:
    assert _shape("/orders/{uuid:order_id}/steps") == _shape("/orders/$ORDER/steps") == "/orders/{}/steps"


@parametrised
def test_addresses_exist(document: Path) -> None:
    base = reverse("api:entrance").rstrip("/")
    known = {(each.method.upper(), _shape(base + each.path)) for each in REGISTRY}
    paths = {path for _, path in known}
    text = document.read_text("utf-8")
    for method, path in _API.findall(text):
        assert (method, _shape(path)) in known, f"{document.name} names {method} {path}, which does not exist"
    for own, relative in _URL.findall(text):
        path = own or base + relative
        assert _shape(path) in paths, f"{document.name} names {path}, which does not exist"


@parametrised
def test_maps_exist_and_no_path_of_one_machine_is_told(document: Path) -> None:
    text = document.read_text("utf-8")
    for name in re.findall(r"--map ([\w/-]+)(?=[\s`]|$)(?!\.)", text):
        assert name in shipped_maps(), f"{document.name} names the map {name}, which is not shipped"
    assert not _MACHINE.search(text), f"{document.name} names a path of one machine: {_MACHINE.search(text)}"


def test_every_how_to_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for path in (ROOT / "docs" / "howto").glob("*.md"):
        assert f"docs/howto/{path.name}" in readme, f"{path.name} cannot be found from the README"
