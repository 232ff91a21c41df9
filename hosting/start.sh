#!/bin/sh
# Start the app for others than this machine. What it writes goes to $CASER_VOLUME: data sets, checkpoints and runs.
# The shipped checkpoints are laid beside those trained here, and brought up to date with every new version.
set -eu
: "${CASER_VOLUME:?names the folder that may be written to}"
export HOME="$CASER_VOLUME"
export CASER_DATA_DIR="${CASER_DATA_DIR:-$CASER_VOLUME/data}"
export CASER_CHECKPOINT_DIR="$CASER_VOLUME/checkpoints"
export CASER_JOBS_DIR="$CASER_VOLUME/jobs"
mkdir -p "$CASER_DATA_DIR" "$CASER_CHECKPOINT_DIR" "$CASER_JOBS_DIR"
for file in checkpoints/*; do
    to="$CASER_CHECKPOINT_DIR/$(basename "$file")"
    cmp -s "$file" "$to" || { cp "$file" "$to.$$" && chmod u+w "$to.$$" && mv "$to.$$" "$to"; }
done
exec python -m streamlit run app.py --server.headless=true --server.address="${ADDRESS:-0.0.0.0}" --server.port="${PORT:-8501}"
