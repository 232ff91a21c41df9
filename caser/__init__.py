"""Caser Explorer: convolutional sequence recommendation you can look inside.

Caser is the model of Tang & Wang, "Personalized Top-N Sequential Recommendation via
Convolutional Sequence Embedding", WSDM 2018 (https://arxiv.org/abs/1809.07426).

`caser.fit`, `caser.load` and `caser.compare` are those of `caser.fitted`, imported when first asked for.
"""

from importlib import import_module

__version__ = "1.0.0"
__all__ = ["compare", "fit", "load"]


def __getattr__(name: str):
    if name in __all__:
        return getattr(import_module("caser.fitted"), name)
    raise AttributeError(f"module 'caser' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
