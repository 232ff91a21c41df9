"""Inputs that nobody would write by hand, drawn from a seed: none may do harm.

A quick set runs with the other tests; `python -m tests.fuzz --inputs 10000 --seed 0` runs a long one. What counts as
harm is listed in `tests.fuzz.watch`. Any input can be run again alone: its kind, the seed and its number name it.
"""
