import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: threads that wait would keep a core from others

if sys.argv[1:2] in (["train"], ["tune"], ["study"]) and not sys.stderr.isatty() and os.environ.get("RANK", "0") == "0":
    print("loading PyTorch", file=sys.stderr, flush=True)  # seconds, in which nothing else is said

from caser.cli import main

if __name__ == "__main__":
    sys.exit(main())
