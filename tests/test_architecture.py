"""Imports run one way, so that each part can be read and tested without what stands on it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WINGS = [  # a wing may import from the rows before its own and from itself, never from one beside it
    ["caser", "caser.fields", "caser.files"],
    ["caser.data", "caser.models"],
    ["caser.words"],
    ["caser.listing"],
    ["caser.config"],
    ["caser.recommend"],
    ["caser.evaluation"],
    ["caser.training.calibration"],
    ["caser.training", "caser.explain"],
    ["caser.checkpoint"],
    ["caser.picture"],
    ["caser.findings"],
    ["caser.experiment", "caser.study"],
    ["caser.field"],
    ["caser.report", "caser.export"],
    ["caser.handout"],
    ["caser.interpreter"],
    ["caser.jobs", "caser.benchmark", "caser.verifying"],
    ["caser.cli"],
    ["caser.__main__", "caser.dashboard"],
    ["caser.fitted"],
    ["pages"],
    ["app"],
]
ROOMS = [  # within the dashboard, in the same way
    ["runtime"],
    ["theme", "names", "ids", "public"],
    ["waiting"],
    ["figures"],
    ["loaders"],
    ["lineup", "search"],
    ["results"],
    ["selection"],
    ["view", "api"],
    ["wording"],
    ["table", "presenting"],
    ["frame"],
    ["parts"],
    ["history", "own"],
    ["film", "visitor"],
    ["forming", "reason"],
    ["picture"],
    ["overview", "filters", "recommend", "compare", "train", "chapter"],
]
MOST_FILES = 16  # code files of one folder
LONGEST = 45  # lines of a function
FILES = sorted([*ROOT.glob("caser/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {module_of(path): path for path in FILES}
MODULES = PATHS.keys()


def place(module: str, rows: list[list[str]], within: str = "") -> tuple[int, str]:
    """The row of a module, and the name there that it belongs to."""
    name = module
    while name and name != within:
        for depth, names in enumerate(rows):
            if name.removeprefix(f"{within}.") in names:
                return depth, name
        name = name.rpartition(".")[0]
    raise LookupError(f"{module} belongs to no wing; give it a place in the list")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The modules of ours that a file imports."""
    return tuple(_imported(path))


def _imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in named if node.module in MODULES)


def runs_down(own: str, other: str, rows: list[list[str]], within: str = "") -> bool:
    (here, mine), (there, theirs) = place(own, rows, within), place(other, rows, within)
    return there < here or mine == theirs


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_run_one_way(path):
    own = module_of(path)
    for name in imported(path):
        assert runs_down(own, name, WINGS), f"{own} imports {name}, which stands on it or beside it"
        dashboard = "caser.dashboard"
        if own.startswith(f"{dashboard}.") and name.startswith(f"{dashboard}."):
            assert runs_down(own, name, ROOMS, dashboard), f"{own} imports {name}, which stands on it or beside it"


def test_no_two_modules_import_each_other():
    uses = {module_of(path): set(imported(path)) - {module_of(path)} for path in FILES}
    left = dict(uses)
    while ready := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in ready:
            del left[name]
    assert not left, f"these import each other in a circle: {sorted(left)}"


def reached(module: str) -> set[str]:
    """A module, all that importing it imports of ours, and "streamlit" where one of these imports it."""
    found, left = set(), {module}
    while left:
        name = left.pop()
        found.add(name)
        if name != "streamlit":
            path = PATHS[name]
            left |= {*imported(path), *(["streamlit"] if imports_streamlit(path) else ())} - found
    return found


@cache
def imports_streamlit(path: Path) -> bool:
    """Whether a file imports Streamlit, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.partition(".")[0] == "streamlit" for name in names):
            return True
    return False


def test_the_library_and_the_figures_bring_no_streamlit():
    for module in MODULES:
        figures = module.startswith("caser.dashboard.figures")
        if module.startswith("caser") and (figures or not module.startswith("caser.dashboard")):
            assert "streamlit" not in reached(module), module


PUBLIC = re.compile(r"streamlit(\.testing\.v1|\.errors)?$")  # what of Streamlit has a page in its reference
PRIVATE = ROOT / "caser/dashboard/runtime/private.py"


def goes_behind(node: ast.AST) -> bool:
    """Whether a line imports what is not public of Streamlit, or reads a name of its objects that begins with `_`."""
    if isinstance(node, ast.Import):
        return any(alias.name.startswith("streamlit") and not PUBLIC.match(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module.startswith("streamlit") and not PUBLIC.match(node.module)
    ours = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    if not isinstance(node, ast.Attribute) or ours:
        return False
    dunder = node.attr.startswith("__")
    return (node.attr.startswith("_") and not dunder) or ast.unparse(node).startswith("st.runtime")


def test_one_file_alone_looks_behind_streamlit():
    for path in FILES:
        if "caser/dashboard" not in path.as_posix() and path.parent.name != "pages" and path.name != "app.py":
            continue
        behind = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if goes_behind(node)]
        assert bool(behind) == (path == PRIVATE), f"{path}: {behind}"


def test_one_file_makes_every_link_between_pages():
    makers = re.compile(r"\bst\.(page_link|switch_page|link_button)\(")
    uses = {module_of(path): len(makers.findall(path.read_text(encoding="utf-8"))) for path in FILES}
    assert {module: n for module, n in uses.items() if n} == {
        "caser.dashboard.selection": 2
    }  # a link, and an old address led on


def test_no_folder_is_crowded():
    folders = [path.parent for path in FILES]
    assert max(folders.count(folder) for folder in folders) <= MOST_FILES


def test_functions_stay_short():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < LONGEST, f"{path}: {node.name}"


VAGUE = {"found", "one", "at", "there", "own"}  # how a value came to be, not what it is
SPAN = 5  # lines that such a name may be read over


def vague_names(function: ast.FunctionDef) -> set[str]:
    """The vague names that a function binds and uses over more than `SPAN` lines; not those of functions within it."""
    lines: dict[str, list[int]] = {}
    local = {arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)} & VAGUE
    for name in local:
        lines[name] = [function.lineno]
    left = list(ast.iter_child_nodes(function))
    while left:
        node = left.pop()
        if isinstance(node, ast.Name) and node.id in VAGUE:
            lines.setdefault(node.id, []).append(node.lineno)
            local |= {node.id} if isinstance(node.ctx, ast.Store) else set()
        if not isinstance(node, ast.FunctionDef):
            left += ast.iter_child_nodes(node)
    return {name for name in local if max(lines[name]) - min(lines[name]) > SPAN}


def test_local_names_say_what_a_value_is():
    vague = [
        f"{module_of(path)}.{node.name}: {', '.join(sorted(names))}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (names := vague_names(node))
    ]
    assert not vague, "\n".join(vague)
