"""`python -m lessonkit`: the lesson without a browser. See `lessonkit.cli.main`."""

import sys

if __name__ == "__main__":
    try:
        from lessonkit.cli.main import main

        code = main()  # which imports what the command needs
    except ModuleNotFoundError as error:
        print(f"The package {error.name} is not installed here. Run `make setup`, which installs it.", file=sys.stderr)
        code = 2
    sys.exit(code)
