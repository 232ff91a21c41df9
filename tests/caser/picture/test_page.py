import html
from pathlib import Path

import pytest

from caser.models import ANONYMOUS
from caser.picture import page
from caser.picture.script import script
from tests.pictured import untrained


def test_page_asks_nobody_for_anything(cinema_split):
    text = page.show(untrained(cinema_split), cinema_split, ANONYMOUS, [1, 2, 3], "</script><b>").html
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "</script><b>" not in text
    assert text.count("</script>") == 3


def test_notebook_shows_the_page_in_a_frame(cinema_split):
    shown = page.show(untrained(cinema_split), cinema_split, 0, [1, 2, 3], "viewer 1")
    assert html.unescape(shown._repr_html_()).count(shown.html) == 1


@pytest.mark.parametrize("entry", ["alone", "mounted"])
def test_script_has_every_module_once_and_no_import(entry):
    text = script(entry)
    assert "import " not in [line[:7] for line in text.splitlines()]
    assert text.count("const __engine = ") == text.count("const __picture = ") == 1
    assert text.index("const __engine = ") < text.index("const __picture = ") < text.index(f"const __{entry} = ")


def test_page_is_written_whole_or_not_at_all(cinema_split, tmp_path):
    shown = page.show(untrained(cinema_split), cinema_split, 0, [], "viewer 1")
    shown.write(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text() == shown.html
    with pytest.raises(ValueError, match="give --out a file in a folder"):
        shown.write(tmp_path / "none" / "x.html")


def test_the_page_in_docs_is_made_of_these_scripts():
    """Made again by the command in the README whenever they change."""
    made = (Path(__file__).parents[3] / "docs" / "picture.html").read_text(encoding="utf-8")
    assert script("alone") in made
    assert page.style() in made
