"""Training: the loop, its losses, and several processes."""

from caser.training.loop import Cancelled, EpochReport, Fit, fit, resolve_device

__all__ = ["Cancelled", "EpochReport", "Fit", "fit", "resolve_device"]
