"""A catalogue whose titles and genres try to be markup, and a model called like an address: all of it stays text."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import numpy as np
import pytest

from caser import cli
from tests import own_set
from tests.browser.conftest import browsing, serving, settle

TITLES = (
    "![pix](http://evil.test/p.png)",
    "[click](http://evil.test) <a href='http://evil.test'>here</a>",
    "<img src=http://evil.test/i.png onerror=alert(1)><b>bold</b>",
    "www.evil.test and mail@evil.test and https://evil.test/x",
    ":red[coloured] :material/delete: $x^2$ `code` **strong**",
    "_www.evil.test :smile: :streamlit:",
    "# heading\n- list | table |",
    "&lt;b&gt; &amp; <script>document.title='owned'</script>",
    '=HYPERLINK("http://evil.test")',
)
GENRES = ("<b>Bold</b>", "[link](http://evil.test)", "www.evil.test", ":red[Genre]", "Drama")
NAME = "www.evil.test-caser"
VIEWS = [
    "/",
    "/compare",
    "/chapter",
    "/train",
    "/data",
    "/recommend?sequence=1,2,3,4,5,6,7,8",
    *(f"/recommend?ask={ask}" for ask in ("The other list", "Why this film", "What if", "Who or what")),
    "/recommend?ask=Two histories",
    "/filters",
    *(f"/filters?view={view}" for view in ("Are they real%3F", "Map")),
]


@pytest.fixture(scope="module")
def hostile(chromium, tmp_path_factory):
    """A server whose one data set of films is hostile."""
    home = tmp_path_factory.mktemp("hostile")
    folder, checkpoints = home / "data" / "ml-latest-small", home / "checkpoints"
    folder.mkdir(parents=True)
    checkpoints.mkdir()
    write(folder)
    with pytest.MonkeyPatch.context() as patch:
        own_set.here(patch, home)
        for name, model, more in ((NAME, "caser", ["--n-h", "2"]), ("a_mf_b", "mf", [])):
            small = ["--d", "4", "--epochs", "2", *more]
            command = ["train", "--dataset", "ml-latest-small", "--model", model, "--name", name]
            assert cli.main([*command, *small]) == 0
    with serving(checkpoints, home) as address:
        yield address


def write(folder) -> None:
    """60 films, 40 viewers, in MovieLens' own form."""
    rng = np.random.default_rng(0)
    films = [(at, f"{TITLES[at % len(TITLES)]} {at} ({1950 + at})", GENRES[at % len(GENRES)]) for at in range(1, 61)]
    rows = [(u, int(i), 4.0, 1000 * u + t) for u in range(1, 41) for t, i in enumerate(rng.permutation(60)[:25] + 1)]
    links = [(at, f"{at:07d}", at) for at in range(1, 61)]
    for name, head, body in (
        ("movies", ("movieId", "title", "genres"), films),
        ("ratings", ("userId", "movieId", "rating", "timestamp"), rows),
        ("links", ("movieId", "imdbId", "tmdbId"), links),
    ):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *body])


@pytest.fixture(scope="module")
def page(chromium):
    """A window for this server alone, so that what it asks for is of this server's pages."""
    with browsing(chromium, viewport={"width": 1300, "height": 900}) as page:
        yield page


@pytest.mark.parametrize("path", VIEWS)
def test_nothing_of_it_becomes_an_element_a_link_or_a_request(page, hostile, path):
    page.asked.clear()
    page.goto(f"{hostile}{path}{'&' if '?' in path else '?'}data=ml-latest-small&model={NAME}")
    settle(page)
    if "sequence" in path:  # what tooltips say is drawn when somebody points at them
        for target in page.locator("[data-testid=stTooltipHoverTarget]:visible").all()[:12]:
            target.dispatch_event("mouseover")
            target.dispatch_event("pointerenter")
            page.wait_for_timeout(150)
    nothing_of_it(page, hostile)


OURS = ("doi.org", "d2l.ai", "www.imdb.com", "www.themoviedb.org")  # the licence's, the chapter's, made from numbers


def nothing_of_it(page, address: str) -> None:
    """No stranger was asked, nothing leads to one, and no text of theirs became more than text."""
    own = urlsplit(address).netloc
    strangers = {url for url in page.asked if urlsplit(url).netloc not in (own, "")}
    assert not strangers
    links = page.eval_on_selector_all("a", "all => all.map(a => String(a.href.baseVal ?? a.href))")
    assert {urlsplit(link).netloc for link in links} <= {own, *OURS}
    assert not [link for link in links if link.startswith("mailto")]
    assert not page.eval_on_selector_all("img", "all => all.map(i => i.src).filter(src => src.includes('evil'))")
    coloured = page.eval_on_selector_all(".stMarkdownColoredText", "all => all.map(e => e.innerText)")
    assert not [text for text in coloured if "coloured" in text or "Genre" in text]
    assert page.title() != "owned"
    assert not page.locator("h1:has-text('heading'), script:has-text('owned')").count()


def test_a_file_brought_and_what_is_in_it_stay_text(page, hostile):
    page.asked.clear()
    page.goto(f"{hostile}/data?data=ml-latest-small")
    settle(page)
    page.get_by_role("button", name="Bring your own data").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "![pix](http://evil.test/p.png).csv", "mimeType": "text/csv", "buffer": hostile_log()}
    dialog.locator("input[type=file]").first.set_input_files(file)
    dialog.get_by_role("button", name="Keep it and open it").wait_for()
    settle(page)
    nothing_of_it(page, hostile)
    name = dialog.get_by_label("Name of the data set")
    name.fill("<b>[x](http://evil.test)")
    name.press("Enter")
    dialog.get_by_text("cannot name a data set").wait_for()
    nothing_of_it(page, hostile)
    name.fill("brought")
    name.press("Enter")
    dialog.get_by_role("button", name="Keep it and open it").click()
    page.wait_for_url("**data=brought**")
    settle(page)
    nothing_of_it(page, hostile)


def hostile_log() -> bytes:
    """Interactions whose headings, ids and titles try to be markup, one row of which cannot be read."""
    text = io.StringIO()
    rows = [
        (f"{TITLES[u % 8]} {u}", f"{TITLES[i % 8]} {i}", f"{TITLES[i % 8]} {i}", 1000 * u + i)
        for u in range(20)
        for i in range(12)
    ]
    heading = (
        "user <img src=http://evil.test/i.png>",
        "item [a](http://evil.test)",
        "title :red[x]",
        "time www.evil.test",
    )
    csv.writer(text).writerows([heading, *rows, (TITLES[0], TITLES[1], TITLES[2], TITLES[3])])
    return text.getvalue().encode()
