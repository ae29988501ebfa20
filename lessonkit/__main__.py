"""`python -m lessonkit`: the lesson without a browser. See `lessonkit.cli`."""

import sys

if __name__ == "__main__":
    from lessonkit.cli import main

    sys.exit(main())
