"""The floor plan: who may import whom, which face is public, which way keys and statements point."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "auftakt"
FACE = {"actions", "queries", "types"}
OPEN = {"values", "platform"}
OUTSIDE = {"project"}


def floors() -> dict[str, int]:
    """Capability -> floor number, read from the contract itself so that there is one plan."""
    text = (ROOT / ".importlinter").read_text()
    block = re.search(r"contract:floors\].*?layers =\n(.*?)\n\n", text, re.DOTALL)
    assert block
    rows = [row.strip() for row in block.group(1).splitlines()]
    return {room.strip(): len(rows) - number for number, row in enumerate(rows) for room in row.split("|")}


def is_test(module: str) -> bool:
    return ".tests." in module or module.endswith(".tests")


def test_imports_keep_the_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_public_face_is_imported() -> None:
    graph = grimp.build_graph("auftakt", cache_dir=None)
    bad: list[str] = []
    for importer in sorted(graph.modules):
        if is_test(importer):
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            own, other = importer.split(".")[1:2], imported.split(".")[1:]
            if not own or len(other) < 2 or own[0] in OUTSIDE or own[0] == other[0] or other[0] in OPEN:
                continue
            edge_into_edge = floors().get(other[0], 0) >= floors()["channels"]
            if other[1] not in FACE and not edge_into_edge:
                bad.append(f"{importer} reaches into {imported}")
    assert not bad, "\n".join(bad)


def upward_keys(plan: dict[str, int], models: list[type]) -> Iterator[str]:
    for model in models:
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model:
                own, other = model._meta.app_label, field.related_model._meta.app_label
                if own in plan and own != other and plan.get(other, 0) >= plan[own]:
                    yield f"{own}.{model.__name__}.{field.name} points up to {other}"


def test_foreign_keys_point_down() -> None:
    models = [model for model in apps.get_models() if model._meta.app_label in floors()]
    assert len(models) > 40
    assert not list(upward_keys(floors(), models))


def test_the_key_check_would_find_an_upward_key() -> None:
    line = apps.get_model("fulfilment", "ReleaseLine")
    assert list(upward_keys({**floors(), "fulfilment": 1}, [line]))


_WRITES = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate|copy)\s+(?:only\s+)?([a-z]+)_\w", re.I
)
_READS = re.compile(r"\b(?:from|join|using)\s+([a-z]+)_\w", re.I)
_COMMENT = re.compile(r"--[^\n]*|'[^']*'")


def wrong_way(plan: dict[str, int], owner: str, text: str) -> Iterator[str]:
    text = re.sub(r"\bfor\s+(no\s+key\s+)?update\b|\bdo\s+update\b", "", _COMMENT.sub("", text), flags=re.I)
    for other in _WRITES.findall(text):
        if other in plan and other != owner:
            yield f"{owner} writes {other}"
    for other in _READS.findall(text):
        if other in plan and other != owner and plan[other] >= plan[owner]:
            yield f"{owner} reads up or sideways: {other}"


def statements() -> Iterator[tuple[str, Path, str]]:
    for path in sorted(SOURCE.rglob("*.sql")):
        yield path.relative_to(SOURCE).parts[0], path, path.read_text()
    for path in sorted(SOURCE.rglob("*.py")):
        owner = path.relative_to(SOURCE).parts[0]
        if "tests" in path.parts or "migrations" in path.parts or owner not in floors():
            continue
        yield (
            owner,
            path,
            "\n".join(re.findall(r'insert_rows\(\s*"[a-z]+_\w+"', path.read_text())).replace(
                'insert_rows("', "insert into "
            ),
        )


def test_statements_read_down_and_write_their_own() -> None:
    found = list(statements())
    assert sum(path.suffix == ".sql" for _, path, _ in found) >= 10
    bad = [
        f"{path.relative_to(ROOT)}: {fault}"
        for owner, path, text in found
        for fault in wrong_way(floors(), owner, text)
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        ("orders", "update fulfilment_shipment set x = 1"),
        ("parties", "select 1 from orders_order"),
        ("pricing", "select 1 from promising_lane join pricing_price on true"),
    ],
)
def test_the_statement_check_would_find(owner: str, text: str) -> None:
    assert list(wrong_way(floors(), owner, text))
