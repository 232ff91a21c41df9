"""What is installed: one list of dependencies, one command, and where an installed package reads and writes."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import caser.__main__ as command
from caser import checkpoint
from caser.files import places

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOR_TESTS = ("pytest", "jsonschema")  # part of the README's one command, and not of what is installed


def required(name: str) -> set[str]:
    """The requirements of a file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("-r")}


def test_the_files_of_requirements_are_those_of_the_package():
    extras = PROJECT["optional-dependencies"]
    assert {line for line in required("requirements.txt") if not line.startswith(FOR_TESTS)} == {
        *PROJECT["dependencies"]
    }
    assert required("requirements-tune.txt") == {*extras["tune"]}
    assert required("requirements-dev.txt") >= {*extras["export"]}


@pytest.mark.parametrize("flags", [[], ["--server.port", "8600"]])
def test_without_a_command_the_app_opens(flags, monkeypatch):
    ran = []
    monkeypatch.setattr(sys, "argv", ["caser", *flags])
    monkeypatch.setattr(command.runpy, "run_module", lambda name, **how: ran.append((name, sys.argv)))
    assert command.main() == 0
    assert ran == [("streamlit", ["streamlit", "run", str(ROOT / "app.py"), *flags])]


def test_a_command_runs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["caser", "data"])
    assert command.main() == 0
    assert "cinema" in capsys.readouterr().out


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package in a folder of its own, with two checkpoints that it came with and a home that is empty."""
    shipped = tmp_path / "site-packages" / "caser" / "_app"
    (shipped / "checkpoints").mkdir(parents=True)
    for name in ("cinema-mf", "cinema-ease"):
        (shipped / "checkpoints" / f"{name}.safetensors").write_bytes(b"shipped")
    (shipped / "checkpoints" / "cinema-mf.study.npz").write_bytes(b"shipped")
    monkeypatch.setattr(places, "__file__", str(shipped.parent / "files" / "places.py"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CASER_CHECKPOINT_DIR", raising=False)
    return shipped / "checkpoints"


def test_an_installed_package_finds_what_it_came_with_and_writes_to_the_home(installed, tmp_path):
    assert checkpoint.names() == ["cinema-ease", "cinema-mf"]
    assert checkpoint.locate("cinema-mf") == installed / "cinema-mf.safetensors"
    assert checkpoint.folder() == tmp_path / ".cache" / "caser" / "checkpoints"
    study = checkpoint.companion("cinema-mf", checkpoint.STUDY)
    assert study == installed / "cinema-mf.study.npz"
    written = checkpoint.save_beside("cinema-mf", checkpoint.STUDY, {})
    assert written.parent == checkpoint.folder()
    assert checkpoint.companion("cinema-mf", checkpoint.STUDY) == written
    assert study.read_bytes() == b"shipped"


def test_a_checkpoint_of_ones_own_hides_the_shipped_one_of_its_name_until_it_is_deleted(installed):
    checkpoint.folder().mkdir(parents=True)
    own = checkpoint.folder() / "cinema-mf.safetensors"
    own.write_bytes(b"own")
    assert checkpoint.paths() == [installed / "cinema-ease.safetensors", own]
    assert checkpoint.locate("cinema-mf") == own
    checkpoint.delete("cinema-mf")
    assert checkpoint.locate("cinema-mf") == installed / "cinema-mf.safetensors"
    with pytest.raises(checkpoint.CheckpointError, match="no checkpoint 'cinema-mf' in"):
        checkpoint.delete("cinema-mf")


def test_a_folder_that_is_named_is_the_only_one(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "mine"))
    assert checkpoint.names() == []


def test_importing_the_package_is_quick():
    code = "import sys, caser; sys.exit('fit' not in dir(caser) or 'torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ).returncode == 0
