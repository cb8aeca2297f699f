"""Style as a test: the source is read and judged. Each message says what to do instead."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auftakt.values import Lifecycle

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "auftakt"
LONGEST_FUNCTION = 70
LONGEST_FILE = 600
BANNED_MODULES = {"utils", "common", "helpers", "core", "misc"}
EDGES = {"console", "api", "cli", "demo", "channels", "project", "platform"}
ROOMED = {"channels"}  # its rooms are arranged as capabilities are; what it has besides is the other sides' protocols
CAPABILITIES = sorted(
    ".".join(path.parent.relative_to(SOURCE).parts)
    for path in [*SOURCE.glob("*/models.py"), *(each for room in ROOMED for each in SOURCE.glob(f"{room}/*/models.py"))]
    if path.parent.name not in {"platform", *ROOMED}
)


def folder_of(capability: str) -> Path:
    return SOURCE.joinpath(*capability.split("."))


def home_of(path: Path) -> tuple[str, str]:
    """The capability that a source file belongs to, and which of its files it is; twice nothing outside of one."""
    capability = next((each for each in CAPABILITIES if folder_of(each) in (SOURCE / path).parents), "")
    depth = capability.count(".") + 1
    return (capability, path.parts[depth].removesuffix(".py")) if capability else ("", "")


def sources(tests: bool = False) -> Iterator[tuple[Path, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts or ("tests" in path.parts and not tests):
            continue
        yield path.relative_to(SOURCE), path.read_text()


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path}:{function.lineno} {function.name} has {length(function)} lines; split it at a paragraph"
        for path, text in sources()
        for function in functions(text)
        if length(function) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_files_stay_small() -> None:
    long = [
        f"{path} has {text.count(chr(10))} lines; make it a package"
        for path, text in sources()
        if text.count("\n") > LONGEST_FILE
    ]
    assert not long, "\n".join(long)


def test_no_module_is_a_drawer() -> None:
    bad = [
        str(path)
        for path, _ in sources(tests=True)
        if BANNED_MODULES & {part.removesuffix(".py") for part in path.parts}
    ]
    assert not bad, f"name the thing for what it does: {bad}"


def test_imports_stand_at_the_top() -> None:
    bad = [
        f"{path}:{node.lineno} imports inside {function.name}; import at the top"
        for path, text in sources()
        for function in functions(text)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not bad, "\n".join(bad)


CLOCK = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|date\.today|timezone\.now|time\.time)\(")


def test_the_clock_is_read_at_the_edges_only() -> None:
    bad = [
        f"{path}: reads the clock; take `at` or `on` as an argument"
        for path, text in sources()
        if path.parts[0] not in EDGES and CLOCK.search(text)
    ]
    assert not bad, "\n".join(bad)


WRITES = re.compile(
    r"\.(?:save|bulk_create|bulk_update|get_or_create|update_or_create|delete)\("
    r"|\.objects\.create\(|\.objects(?:\.\w+\([^)]*\))*\.update\(|insert_rows\("
)
SIGNALS = re.compile(r"django\.db\.models\.signals|from django\.dispatch|\.connect\(receiver")


def test_only_actions_write() -> None:
    bad = [
        f"{path}: writes outside actions; move the write into a verb"
        for path, text in sources()
        if home_of(path)[1] not in ("", "actions") and WRITES.search(text)
    ]
    assert not bad, "\n".join(bad)


def test_no_signals_and_no_save_overrides() -> None:
    bad = [str(path) for path, text in sources() if SIGNALS.search(text) or re.search(r"def save\(self", text)]
    assert not bad, f"call the verb; nothing happens behind a caller's back: {bad}"


def test_statements_do_not_write_outside_actions() -> None:
    """A statement that writes is run by actions only: queries run none."""
    writing = re.compile(r"^\s*(?:with\b.*?\b)?(?:insert|update|delete)\b", re.I | re.S)
    named = re.compile(r"^-- name: (\w+)\s*$(.*?)(?=^-- name: |\Z)", re.M | re.S)
    bad: list[str] = []
    for capability in CAPABILITIES:
        statements = {
            name
            for path in (SOURCE / capability.split(".")[0] / "sql").glob("*.sql")
            for name, body in named.findall(path.read_text())
            if writing.search(re.sub(r"--[^\n]*", "", body))
        }
        for path in [*folder_of(capability).glob("queries*.py"), *folder_of(capability).glob("queries/*.py")]:
            text = path.read_text()
            bad += [f"{path.relative_to(SOURCE)} runs {name}" for name in statements if f'"{name}"' in text]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_has_its_five_files_and_a_page(capability: str) -> None:
    folder = folder_of(capability)
    for name in ("types", "rules", "models", "queries", "actions"):
        assert (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists(), (
            f"{capability} lacks {name}"
        )
    page = (folder / "README.md").read_text()
    assert 10 < page.count("\n") < 90, f"{capability}/README.md is one page"


def lifecycles() -> list[Lifecycle]:
    found: dict[str, Lifecycle] = {}
    for capability in CAPABILITIES:
        module = importlib.import_module(f"auftakt.{capability}.types")
        found |= {value.name: value for value in vars(module).values() if isinstance(value, Lifecycle)}
    return list(found.values())


def test_lifecycles_are_sound() -> None:
    assert len(lifecycles()) >= 5
    faults = [fault for lifecycle in lifecycles() for fault in lifecycle.faults()]
    assert not faults, "\n".join(faults)


def test_a_lifecycle_with_a_fault_is_found() -> None:
    lost = Lifecycle.of("broken", "a", ["b"], go=("a", "b"), leave=("b", "c"), far=("x", "y"))
    assert set(lost.faults()) >= {"broken: end b is left", "broken: c leads nowhere", "broken: x cannot be reached"}


def test_the_product_speaks_of_itself_alone() -> None:
    """No path of a machine and no registry's address in what ships."""
    foreign = re.compile(r"/work/(?:main|shared)|/root/|pypi\.org|files\.pythonhosted|/opt/pypi")
    kept = [
        *ROOT.glob("*.*"),
        *ROOT.glob("docs/**/*.md"),
        *SOURCE.rglob("*.*"),
        ROOT / "Makefile",
        ROOT / ".ci" / "run",
    ]
    bad = [
        str(path.relative_to(ROOT))
        for path in kept
        if path.is_file()
        and path.name != ".git"
        and path.suffix in {".py", ".md", ".toml", ".sql", ".lock", ".html", ".js", ".css", ".typ", ""}
        and foreign.search(path.read_text(errors="ignore"))
    ]
    assert not bad, bad


def test_migrations_stand_in_one_line() -> None:
    """Two migrations with one number were made beside each other: the later one is to stand on the other."""
    bad: list[str] = []
    for folder in SOURCE.glob("**/migrations"):
        names = [path.stem for path in sorted(folder.glob("[0-9]*.py"))]
        needed = re.findall(r"\('(\w+)', '(\d{4}_\w+)'\)", "".join(path.read_text() for path in folder.glob("0*.py")))
        leaves = set(names) - {name for label, name in needed if label == folder.parent.name}
        if len(leaves) > 1:
            bad.append(f"{folder.relative_to(SOURCE)}: {', '.join(sorted(leaves))}")
    assert not bad, "\n".join(bad)
