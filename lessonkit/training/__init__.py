"""What decides a run, and how it is trained. `spec` and `architectures` are light; the rest imports fastai."""

import os
import sys

from lessonkit.training import needless

# Read when torch is loaded, so set before. By default OpenMP's threads spin while they wait for each other: with
# anything else on the cores (the browser, the app) that was measured 10 to 15 times as slow as letting them sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
sys.meta_path.insert(0, needless.Finder())
