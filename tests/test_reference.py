"""docs/reference.md says what the docstrings say."""

import ast
from importlib import import_module

import pytest

from tests import reference


def test_it_is_not_stale():
    assert reference.PAGE.read_text("utf-8") == reference.page(), "write it again: python -m tests.reference"


@pytest.mark.parametrize("module", reference.NAMES)
def test_every_name_is_there_and_says_what_it_is(module):
    for name in reference.NAMES[module]:
        assert getattr(import_module(module), name).__doc__, name


SOURCE = '''
def f(self, a: int, b: str = "x") -> int:
    """Says what.

    Args:
        a: one
            more. c: two.
        b: three.

    Returns:
        A number
        above 0.

    >>> f(1)
    2
    """
'''
MARKDOWN = """### f

```python
f(a: int, b: str='x') -> int
```

Says what.

*Args:*

- a: one more. c: two.
- b: three.

*Returns:*

A number
above 0.

```python
>>> f(1)
2
```
"""


def test_a_docstring_becomes_markdown():
    (node,) = ast.parse(SOURCE).body
    assert "\n".join(reference.about(node)) == MARKDOWN
