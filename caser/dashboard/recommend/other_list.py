"""The list of the model that the picked one is compared with."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard.recommend import lists
from caser.dashboard.view import View

TITLE = lists.OTHER_LIST


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """Beside the picked model's list, that of the other."""
    if view.rival is None:
        st.info("No other model is trained on this data; the Train page makes one.", icon=":material/info:")
        return
    lists.draw(view, 1, item)
