"""Parts of a page that the browser draws by itself: a script and a style beside the file that mounts them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st


def component(name: str, beside: str, html: str | None = None, parts: Sequence[str] = (), library: str = ""):
    """What mounts a component, within the page's own styles.

    Args:
        beside: the Python file with a .js and a .css of its name. html: what its script fills.
        parts: further scripts in the same folder, which its own needs before it. library: one from elsewhere, as text.
    """
    file = Path(beside)
    scripts = [*(file.with_name(f"{part}.js") for part in parts), file.with_suffix(".js")]
    return st.components.v2.component(
        name,
        html=html,
        css=file.with_suffix(".css").read_text(encoding="utf-8"),
        js="\n".join([library, *(script.read_text(encoding="utf-8") for script in scripts)]),
        isolate_styles=False,
    )
