"""What is said of curves holds of the numbers."""

from caser.explain.curves.effects import DEALT, OFF, ONE, CurveEffects, Effect
from caser.field.curves import amount, sentence

REACH = {1: {"hr@50": 0.30}, 2: {"hr@50": 0.47}, 10: {"hr@50": 0.49}, 50: {"hr@50": 0.48}}


def effects(one: float, dealt: float) -> CurveEffects:
    sizes = {OFF: -0.2, ONE: one, DEALT: dealt}
    changed = tuple(Effect(name, {"hr@50": change}, {"hr@50": 0.01}) for name, change in sizes.items())
    return CurveEffects(800, {"hr@50": 0.48}, changed, REACH)


def test_shapes_that_change_nothing_may_be_chance():
    said = sentence(effects(-0.005, 0.004), "hr@50")
    assert said.startswith("With every curve switched off HR@50 changes by -20.0 ± 1.0 points. One curve for all")
    assert "would do (-0.5 ± 1.0 points): their shapes may be chance." in said


def test_shapes_that_matter_are_said_with_both_numbers():
    said = sentence(effects(-0.05, -0.06), "hr@50")
    assert "one's own: -5.0 ± 1.0 points; with the same curves dealt out anew: -6.0 ± 1.0 points." in said


def test_it_says_how_far_back_the_model_has_to_read():
    assert "The last film alone gives HR@50 30.0%, the last 2 47.0%; with all 50 it is 48.0%." in sentence(
        effects(0, 0), "hr@50"
    )
    assert amount(effects(-0.0004, 0).of(ONE), "hr@50") == "+0.0 ± 1.0 points"
