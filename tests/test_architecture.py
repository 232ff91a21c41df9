"""Imports run one way, so that each part can be read and tested without what stands on it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = [  # a module may import from its own layer and from those before it
    {"caser", "caser.config"},
    {"caser.data", "caser.models"},
    {
        "caser.evaluation", "caser.distributed", "caser.losses", "caser.training", "caser.checkpoint",
        "caser.filters", "caser.counterfactual", "caser.preferences", "caser.ablation", "caser.explanation",
    },
    {"caser.recommend", "caser.experiment", "caser.jobs", "caser.benchmark", "caser.cli", "caser.__main__"},
    {"caser.dashboard"},
    {"pages"},
    {"app"},
]  # fmt: skip
FILES = sorted([*ROOT.glob("caser/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])


def layer(module: str) -> int:
    while module:
        for depth, names in enumerate(LAYERS):
            if module in names:
                return depth
        module = module.rpartition(".")[0]
    raise LookupError(module)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield node.module
            if node.module in ("caser", "caser.data", "caser.models", "caser.dashboard"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_run_one_way(path):
    own = module_of(path)
    for name in imported(path):
        top = name.split(".")[0]
        if top in ("caser", "pages", "app"):
            assert layer(name) <= layer(own), f"{own} imports {name}, which stands on it"


def test_data_and_models_do_not_know_each_other():
    for path in FILES:
        own = module_of(path)
        for name in imported(path):
            assert not (own.startswith("caser.data") and name.startswith("caser.models")), path
            assert not (own.startswith("caser.models") and name.startswith("caser.data")), path


def test_streamlit_stays_in_the_dashboard():
    for path in FILES:
        if module_of(path).startswith("caser") and not module_of(path).startswith("caser.dashboard"):
            assert not any(name.split(".")[0] == "streamlit" for name in imported(path)), path


def test_figures_know_no_streamlit():
    for path in [*ROOT.glob("caser/dashboard/*figures.py"), ROOT / "caser/dashboard/canvas.py"]:
        assert not any(name.split(".")[0] == "streamlit" for name in imported(path)), path


def test_functions_stay_short():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 60, f"{path}: {node.name}"
