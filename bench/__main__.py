"""`python -m bench`, which is what `python -m lessonkit bench` starts."""

import argparse
import json
import sys
from pathlib import Path

from bench.measure import main
from lessonkit import storage
from lessonkit.errors import LessonError

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this machine.")
    parser.add_argument("--dataset", default="pets", metavar="NAME", help="which photos (default: pets)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="how often each side is measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement here")
    arguments = parser.parse_args()
    try:
        found = main(max(1, arguments.repeats), arguments.dataset)
    except LessonError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    if arguments.json:
        storage.write_bytes(arguments.json, json.dumps(found, indent=1).encode())
