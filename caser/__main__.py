import sys

from caser.cli import main

if __name__ == "__main__":
    sys.exit(main())
