"""The command `caser`, which is `python -m caser`: without a command it opens the app."""

import os
import runpy
import sys

from caser.files import places

SLOW = ("train", "tune", "study")  # that need seconds before they have anything to say


def main() -> int:
    """Open the app, handing on flags such as `--server.port 8600`, or run one command; returns the exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: threads that wait would keep a core from others
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if not command or (command.startswith("--") and command != "--help"):
        return open_app(sys.argv[1:])
    if command in SLOW and not sys.stderr.isatty() and os.environ.get("RANK", "0") == "0":
        print("loading PyTorch", file=sys.stderr, flush=True)
    from caser import cli

    return cli.main()


def open_app(flags: list[str]) -> int:
    """`streamlit run app.py` with these flags, in this process until it ends."""
    sys.argv = ["streamlit", "run", str(places.shipped() / "app.py"), *flags]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
