"""What a host starts: the image's own start over a read-only tree, and two replicas behind the real proxy."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import load
from tests.browser.conftest import NOWHERE, wait_for

ROOT = Path(__file__).parents[1]
TREE = ("app.py", "pages", "caser", "checkpoints", ".streamlit", "hosting", "requirements.txt")
WITHOUT_POWERS = [
    "setpriv",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--no-new-privs",
]  # what root may, others may not

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is a Linux one")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The files of the image, which nobody may write to."""
    root = tmp_path_factory.mktemp("image")
    for name in TREE:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", "ml-100k-*")
        shutil.copytree(source, root / name, ignore=ignore) if source.is_dir() else shutil.copy(source, root / name)
    everything = [root, *root.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield root
    for path in everything:
        path.chmod(0o755)


@pytest.mark.parametrize(("backend", "option"), [("cpu", " --torch-backend=cpu"), ("", "")])
def test_an_empty_argument_takes_torch_from_the_default_index(backend, option, tmp_path):
    for name in ("pip", "uv"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    (step,) = re.findall(r"^RUN (pip install (?:.*\\\n)*.*)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TORCH_BACKEND": backend}
    ran = subprocess.run(["sh", "-c", step], env=env, capture_output=True, text=True, check=True).stdout
    assert ran.splitlines()[-1] == f"uv pip install --system --no-cache{option} -r requirements.txt"


def test_no_file_names_the_address_of_a_package_index():
    folders = ("caser", "pages", "tests", "docs", "hosting", ".ci", ".streamlit")
    files = [*ROOT.glob("*.*"), ROOT / "Dockerfile", *(path for name in folders for path in (ROOT / name).rglob("*"))]
    texts = {path: path.read_text(errors="ignore") for path in files if path.is_file() and path.suffix != ".pyc"}
    address = re.compile(r"pypi[.]org|pythonhosted[.]org|pytorch[.]org/whl|index-url[ =]\W*http")
    assert [str(path) for path, text in texts.items() if address.search(text)] == []


@contextmanager
def started(tree: Path, volume: Path, address: str = "127.0.0.1"):
    """The image's command, as somebody who may not override permissions."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("setpriv is missing, and root would be stopped by nothing")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "CASER_VOLUME": str(volume),
        "CASER_PUBLIC": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PORT": str(port),
        "ADDRESS": address,
        "HTTPS_PROXY": NOWHERE,
        "https_proxy": NOWHERE,
    }
    powers = WITHOUT_POWERS if os.geteuid() == 0 else []
    process = subprocess.Popen([*powers, "sh", "hosting/start.sh"], cwd=tree, env=env)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(10)


def visited(address: str, visitors: int = 3) -> load.Tally:
    """What a few visitors meet within some seconds."""
    given = load.argparse.Namespace(visitors=visitors, minutes=0.1, arrive=0, data="cinema", viewers=800)
    with ThreadPoolExecutor(1) as apart:  # a browser's tests may hold this thread's event loop
        tally, _ = apart.submit(lambda: asyncio.run(load.crowd(address, None, given))).result()
    return tally


def test_the_image_starts_and_serves_over_a_read_only_tree(tree, tmp_path):
    with started(tree, tmp_path) as address:
        tally = visited(address)
    assert not tally.errors
    assert not tally.mixed
    assert len(tally.answers) >= 3
    assert (tmp_path / "checkpoints" / "cinema-caser.safetensors").exists()


def test_a_new_version_brings_its_checkpoints_and_leaves_those_trained_here(tree, tmp_path):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "mine.safetensors").write_text("mine")
    (folder / "cinema-mf.safetensors").write_text("of an earlier version")
    with started(tree, tmp_path):
        pass
    assert (folder / "mine.safetensors").read_text() == "mine"
    shipped = (ROOT / "checkpoints" / "cinema-mf.safetensors").read_bytes()
    assert (folder / "cinema-mf.safetensors").read_bytes() == shipped


def test_two_replicas_behind_the_proxy_keep_every_visitor_where_he_is(tree, tmp_path):
    if not shutil.which("caddy"):
        pytest.skip("the proxy is not installed: Debian's package caddy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with started(tree, tmp_path) as one, started(tree, tmp_path) as two:
        replicas = [address.removeprefix("http://") for address in (one, two)]
        env = os.environ | {"PORT": str(port), "REPLICAS": " ".join(replicas), "HOME": str(tmp_path)}
        command = ["caddy", "run", "--config", str(ROOT / "hosting" / "Caddyfile"), "--adapter", "caddyfile"]
        proxy = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        try:
            address = wait_for(f"http://127.0.0.1:{port}", proxy)
            tally = visited(address, 6)
            homes = [stays(address) for _ in range(12)]
        finally:
            proxy.terminate()
            proxy.wait(10)
    assert not tally.errors
    assert not tally.mixed
    assert all(len(found) == 1 for found in homes)  # every visitor on one replica
    assert set.union(*homes) == set(replicas)  # all of them on both


def stays(address: str) -> set[str]:
    """The replicas that one visitor's requests go to."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    return {opener.open(f"{address}/_stcore/health").headers["X-Replica"] for _ in range(5)}
