"""`python -m lessonkit`: the lesson without a browser. See `lessonkit.cli.main`."""

import sys

if __name__ == "__main__":
    from lessonkit.cli.main import main

    sys.exit(main())
