#!/usr/bin/env bash
# Builds the wheel, installs it into an empty environment outside the checkout, and uses it there.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

pip="python3 -m pip --quiet --disable-pip-version-check"
$pip wheel --no-deps --wheel-dir "$work" .
wheel=$(echo "$work"/*.whl)
size=$(wc -c <"$wheel")
[ "$size" -le 30000000 ] || { echo "the wheel has $size bytes; 30,000,000 are allowed"; exit 1; }
python3 -m venv --without-pip "$work/venv"
$pip --python "$work/venv" install --no-compile "$wheel"

unset PYTHONPATH VIRTUAL_ENV CASER_CHECKPOINT_DIR CASER_DATA_DIR CASER_JOBS_DIR
export HOME="$work/home" PATH="$work/venv/bin:$PATH"
mkdir "$HOME"
cd "$work"

caser train --dataset cinema --model mf --d 8 --epochs 1 --patience 0 --no-refit --name tiny
[ -f "$HOME/.cache/caser/checkpoints/tiny.safetensors" ]
caser verify --quick

port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
caser --server.headless true --server.port "$port" >server.log 2>&1 &
server=$!

python - "$port" <<'PYTHON'
import sys
import time
import urllib.request

import pandas as pd
from streamlit.testing.v1 import AppTest

import caser
from caser import cli
from caser.files import places

assert places.is_installed(), places.shipped()
assert cli.main("recommend tiny --user 1 -k 3".split()) == 0
assert cli.main("recommend cinema-caser --sequence alien -k 3".split()) == 0
rows = pd.DataFrame({"user": [u for u in range(9) for _ in range(9)], "item": [(u + t) % 9 for u in range(9) for t in range(9)]})
model = caser.fit(rows, "mf", d=4, epochs=1)
assert len(model.recommend(["3", "4"], k=5)) == 5
page = AppTest.from_file(places.shipped() / "pages" / "main.py", default_timeout=60).run()
assert not page.exception, page.exception
assert "cinema-caser" in page.query_params["model"], page.query_params

for _ in range(300):
    try:
        assert urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/_stcore/health").read() == b"ok"
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("`caser` did not open the app")
PYTHON
grep -q "http://localhost:$port" server.log # .streamlit/config.toml counts: nobody else's machine
echo "the wheel of $size bytes was installed and used"
