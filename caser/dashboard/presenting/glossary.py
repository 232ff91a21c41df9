"""What short names of metrics and models mean, shown where the pointer rests on one."""

from __future__ import annotations

from caser.dashboard.runtime.component import component
from caser.words import spoken

_mount = component("caser_glossary", __file__, '<div class="glossary" role="tooltip" hidden></div>')
_MEANT = {
    "HR": "Hit rate: for how many of 100 viewers the film really watched next is among the first k",
    "NDCG": "Normalised discounted cumulative gain: a hit counts less the lower it stands; 1 for first place",
    "AUC": "Area under the curve: the share of the other unseen films ranked below the film watched next",
    "MRR": "Mean reciprocal rank: 1 for first place, 1/2 for second, 1/10 for tenth, averaged over viewers",
    "MF": "Matrix factorisation: a vector for each viewer and film; it knows taste, not what was watched last",
    "BPR": "Bayesian personalised ranking: a loss that puts each film watched above films not watched",
    "CKA": "Centred kernel alignment: how alike two trainings arrange the same films; 1 for alike, 0 for unrelated",
}


def draw() -> None:
    """Have the page explain these names; nothing of it is seen until a pointer or a finger rests on one."""
    _mount(key="glossary", data={term: spoken(meaning) for term, meaning in _MEANT.items()})
