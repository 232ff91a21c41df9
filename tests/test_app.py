"""What `streamlit run app.py` serves."""

import subprocess
import sys
from pathlib import Path

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
