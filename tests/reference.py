"""Writes docs/reference.md from the docstrings of the public names: `python -m tests.reference`."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference.md"
HEAD = """# Reference

The public names, from their docstrings. Written by `python -m tests.reference`; a test says when it is stale.
`caser.fit`, `caser.load` and `caser.compare` are those of `caser.fitted`. "float (n, d)" is an array or tensor of that
shape. A dense id counts from 0; an own id is that of the data's file.
"""
NAMES = {  # module -> names, in the order of the page
    "caser.fitted": ("fit", "load", "compare"),
    "caser.fitted.model": ("FittedModel",),
    "caser.fitted.reason": ("Reason",),
    "caser.fitted.comparison": ("Comparison",),
    "caser.recommend": ("recommend", "score_catalogue", "rank_all", "rank_of", "rows"),
    "caser.listing.narrowing": ("narrowing", "Narrowing"),
    "caser.listing.variety": ("varied",),
    "caser.listing.group": ("for_all",),
    "caser.explain.explanation": ("explain", "Explanation", "contributions"),
    "caser.explain.filters": ("filter_view", "FilterView"),
    "caser.explain.concepts": ("concept_test", "ConceptTest"),
    "caser.explain.planted": ("patterns", "Pattern"),
    "caser.data.dataset": ("split", "Split"),
    "caser.evaluation": ("evaluate", "Ranks", "compare", "Comparison", "sampled"),
    "caser.config": ("preset", "Config"),
    "caser.training.loop": ("fit", "Fit"),
    "caser.experiment": ("Experiment",),
    "caser.checkpoint": ("Checkpoint", "load", "save"),
    "caser.study": ("study",),
}
SECTION = re.compile(r"(Args|Attributes|Returns|Raises):")


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for module, names in NAMES.items():
        known = {node.name: node for node in _tree(module).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        parts += [f"## {module}\n", *(part for name in names for part in about(known[name]))]
    return "\n".join(parts)


def _tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text("utf-8"))


def about(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """A function; or a class with its public methods."""
    yield f"### {node.name}\n"
    yield f"```python\n{_signature(node)}\n```\n\n{_text(node)}"
    methods = node.body if isinstance(node, ast.ClassDef) else []
    for method in methods:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_") and ast.get_docstring(method):
            kind = "" if _is_property(method) else _arguments(method)
            yield f"**`{node.name}.{method.name}{kind}`**\n\n{_text(method)}"


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.FunctionDef):
        whole = node.name + _arguments(node)
    else:
        fields = [ast.unparse(part) for part in node.body if isinstance(part, ast.AnnAssign)]
        whole = f"{node.name}({', '.join(fields)})"
    unbroken = re.sub("(?<!,) ", "\xa0", whole)  # lines end after a comma
    filled = textwrap.fill(unbroken, 100, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return filled.replace("\xa0", " ")


def _arguments(node: ast.FunctionDef) -> str:
    """Its arguments, without `self`, and what it returns."""
    arguments = re.sub(r"^(self|cls)(, )?", "", ast.unparse(node.args))
    return f"({arguments}) -> {ast.unparse(node.returns)}" if node.returns else f"({arguments})"


def _is_property(method: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in method.decorator_list)


def _text(node: ast.FunctionDef | ast.ClassDef) -> str:
    """A docstring as Markdown: sections in bold, their entries as a list, examples as code."""
    blocks = (ast.get_docstring(node) or "").split("\n\n")
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: str) -> str:
    first, _, rest = block.partition("\n")
    if block.startswith(">>>"):
        return f"```python\n{block}\n```"
    if not SECTION.fullmatch(first):
        return block
    begins = "" if first == "Returns:" else "- "  # the others have an entry in each line that is not indented further
    entries = re.sub(r"\n {5,}", " ", re.sub("^ {4}(?! )", begins, rest, flags=re.MULTILINE))
    return f"*{first}*\n\n{entries}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
