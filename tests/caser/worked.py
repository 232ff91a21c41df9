"""What does the work in two models: one with a whole study, one with a study of an earlier version."""

from __future__ import annotations

from caser.field.effects import ANEW, BASELINE, COUNTING, MEAN, OFF, SHUFFLED, Effect, Works


def effect(kind: str, change: float, parts: str = "", margin: float = 0.01, **more) -> Effect:
    return Effect(kind, change, change - margin, change + margin, parts, **more)


COVISIT = effect(COUNTING, -0.036, name="Covisit", model="covisit")
MF = effect(BASELINE, -0.145, name="MF")
OLDER = Works(  # of an earlier version: one part at a time, one training, one shuffle
    "hr@50",
    0.57,
    (
        *(effect(OFF, change, part) for part, change in {"h": 0.003, "v": -0.29, "p": -0.03}.items()),
        *(effect(ANEW, change, part) for part, change in {"h": 0.028, "v": -0.03}.items()),
        effect(SHUFFLED, -0.031),
    ),
)
WHOLE = Works(
    "hr@50",
    0.57,
    (
        *(effect(OFF, change, parts) for parts, change in {"h": -0.016, "v": -0.29, "p": -0.03, "hv": -0.3}.items()),
        effect(MEAN, -0.26, "v"),
        effect(ANEW, 0.005, "h", times=3),
        effect(ANEW, -0.03, "v", times=3),
        effect(ANEW, -0.037, "p", times=3),
        effect(SHUFFLED, -0.025, times=20),
        COVISIT,
        MF,
    ),
    shares=(effect("share", 0.317, "v"), effect("share", 0.054, "p"), effect("share", 0.006, "h")),
    ahead=effect("share", 0.26),
    films_ahead=effect("share", 0.27),
)
