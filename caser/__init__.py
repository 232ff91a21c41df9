"""Caser Explorer: convolutional sequence recommendation you can look inside.

Caser is the model of Tang & Wang, "Personalized Top-N Sequential Recommendation via
Convolutional Sequence Embedding", WSDM 2018 (https://arxiv.org/abs/1809.07426).
"""

__version__ = "0.1.0"
