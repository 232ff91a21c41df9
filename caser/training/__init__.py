"""Training: the loop, its losses, and several processes."""

from caser.training.devices import resolve_device
from caser.training.loop import Cancelled, Fit, fit
from caser.training.reports import EpochReport

__all__ = ["Cancelled", "EpochReport", "Fit", "fit", "resolve_device"]
