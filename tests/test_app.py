"""What `streamlit run app.py` serves."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import serving

ROOT = Path(__file__).parents[1]


def test_what_pages_need_is_imported_before_anybody_comes():
    code = """
import asyncio, sys, threading
from app import app, import_early

async def main():
    assert "torch" not in sys.modules  # else the server listens only when that is done
    async with import_early(app):
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(60)
        assert "caser.dashboard.frame" in sys.modules

asyncio.run(main())
print(app.script_path)
"""
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()) == ROOT / "pages" / "main.py"


@pytest.fixture(scope="module")
def address(trained_once, tmp_path_factory):
    """A server's, for programs."""
    with serving(trained_once, tmp_path_factory.mktemp("home")) as address:
        yield address


def asked(address: str, method: str = "GET") -> tuple[int, dict, bytes]:
    """Status, headers and body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, dict(refused.headers), refused.read()


def test_programs_ask_the_port_of_the_pages(address):
    status, headers, body = asked(f"{address}/api/recommend?model=cinema-caser&sequence=Alien&sequence=Jaws&k=3")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert [row["rank"] for row in json.loads(body)] == [1, 2, 3]
    assert json.loads(asked(f"{address}/api/openapi.json")[2])["openapi"].startswith("3.")
    assert json.loads(asked(f"{address}/api/health")[2])["status"] == "ok"


def test_head_has_no_body_and_other_methods_are_refused(address):
    question = f"{address}/api/similar?model=cinema-caser&item=Alien"
    status, headers, body = asked(question, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == len(asked(question)[2])
    status, headers, body = asked(question, "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert "use GET or HEAD" in json.loads(body)["error"]


@pytest.mark.parametrize("path", ["recommend?k=%00&model=%ff", "recommend?" + "k=1&" * 5000, "%2e%2e/secrets", "a/b/c"])
def test_what_means_nothing_is_refused_in_words(address, path):
    status, _, body = asked(f"{address}/api/{path}")
    assert 400 <= status < 500
    assert b"Traceback" not in body
    assert asked(address)[0] == 200
