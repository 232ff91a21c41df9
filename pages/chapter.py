"""The source chapter, line by line: its names and formulas beside the code that runs, on the films at hand."""

import streamlit as st

from caser.dashboard import loaders, wording
from caser.dashboard.chapter import exercises, measures, reported, steps, text
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.explain.filters import has_convolutions
from caser.words import spoken

LIVE = {  # what docs/chapter.md asks for between its texts
    "picture": steps.picture,
    "names": steps.values,
    "horizontal": steps.horizontal,
    "vertical": steps.vertical,
    "score": steps.score,
    "negative": measures.negative,
    "measures": measures.measures,
    "reported": reported.draw,
    "exercises": exercises.draw,
}


def main() -> None:
    view = open_page("The chapter, line by line", ":material/menu_book:")
    require_model(view)
    if not has_convolutions(view.trained.model):
        lead_to_caser(view)
    else:
        for words, live in text.sections():
            st.markdown(spoken(words))
            LIVE[live](view)
    close_page(view)


def lead_to_caser(view: View) -> None:
    """The chapter is about Caser: say where one is."""
    st.info(f"The chapter is about Caser; {wording.plain(view.trained.name)} has no filters.")
    models = list(loaders.with_filters(view.dataset.name))
    for caser in models:
        params = view.selection.params() | {"model": caser.name}
        link("chapter", f"Read it with {wording.plain(caser.name)}", params, ":material/arrow_forward:")
    if not models:
        link("train", "Train a Caser", view.selection.params(), ":material/arrow_forward:")


main()
