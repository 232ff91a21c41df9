"""Published figures on the same data, each with its protocol, and why they are not comparable."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from caser.dashboard.compare.scene import Scene
from caser.dashboard.table import table
from caser.words import W

DATASET = "ml-100k"
NOT = "not comparable"
_COLUMNS = ("Model", "Figures", "Source and protocol", "Compared with ours")
_ROWS = (
    ("WEARec", "HR@10 .193, NDCG@10 .102", "its paper; scores of seen films are set to 0", NOT),
    ("GRU4Rec", "HR@10 .130", "published with RecBole; seen films ranked, too", NOT),
    ("SASRec", "HR@10 .120", "published with RecBole; seen films ranked, too", NOT),
    ("FEARec", "HR@10 .130", "published with RecBole; seen films ranked, too", NOT),
    ("CL4SRec", "HR@10 .127", "published table; seen films ranked, too", NOT),
    (
        "AttRec",
        "HR@50 .531, MRR .091, AUC .909",
        "an issue thread; read on the test, rule on ties unknown",
        NOT,
    ),
    (
        "BPR (d = 64)",
        "HR@10 .109, HR@50 .333, NDCG@10 .058",
        "RecBole 1.2.1, run by us on its own split; seen films left out",
        "nearly comparable",
    ),
    (
        "Caser (L = 5)",
        "HR@10 .118, HR@50 .366, NDCG@10 .052",
        "RecBole 1.2.1, run by us on its own split; seen films ranked, too",
        NOT,
    ),
    (
        "Caser",
        "HR@50 .347, AUC .883",
        "the source chapter, with its own settings; the test film is never drawn as a negative",
        NOT,
    ),
)


def draw(scene: Scene) -> None:
    """A table; nothing on other data."""
    if scene.view.dataset.name != DATASET:
        return
    st.markdown("##### What others have published on MovieLens 100K")
    table.show(table.plain(pd.DataFrame(_ROWS, columns=_COLUMNS), "Published figures"), "published")
    st.caption(
        f"Ranking seen {W.films} too more than halves HR@10; drawing 100 negatives trebles it. The rule on ties "
        f"changes the held-out {W.film} of 44 of 100 {W.viewers}. See the protocols above before you compare two "
        "figures. We found no published result for Caser with a full softmax."
    )
