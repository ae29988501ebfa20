"""What long work is busy with: the name of each stage as it is reported, its words on a page, what it is counted in."""

from __future__ import annotations

from dataclasses import dataclass

BYTES = "bytes"


@dataclass(frozen=True)
class Stage:
    """One stage of a run or a job.

    Attributes:
        words: what a page says while it lasts.
        unit: what `done` and `total` count: BYTES, "photos", …; "" where nothing is counted.
    """

    words: str
    unit: str = ""


STAGES = {
    "": Stage("Getting ready"),
    "waiting": Stage("Somebody else is getting the same ready: waiting for that"),
    "download": Stage("Downloading", BYTES),
    "checksum": Stage("Checking the archive", BYTES),
    "unpack": Stage("Unpacking", BYTES),
    "samples": Stage("Looking at some photos of each breed", "photos"),
    "drawing": Stage("Drawing the pets", "photos"),
    "check": Stage("Checking the photos", "photos"),
    "photos": Stage("Decoding each photo once", "photos"),
    "copies": Stage("Looking for copies of a photo", "photos"),
    "weights": Stage("Fetching the pretrained weights", BYTES),
    "activations": Stage(
        "Running the frozen body once over each photo and each augmented view of it", "photos and views"
    ),
    "compiling": Stage("Trying torch.compile, a wait of a minute or so: kept if it makes the steps faster"),
    "training": Stage("Training", "batches"),
    "lr_find": Stage("Raising the rate, batch by batch", "batches"),
    "measure": Stage("Timing a few batches of each architecture", "steps"),
    "making": Stage("Making it"),
    "zipping": Stage("Copying the photos", BYTES),
    "comparing": Stage("Comparing its answers with the model's", "photos"),
    "repeats": Stage("Training it again with other seeds", "repeats"),
    "predicting": Stage("Predicting the photos held out", "photos"),
}
"""By the name that is reported, in the order in which they come."""


def stage(name: str) -> Stage:
    """The stage of this name; one that is not known (of a newer version) says its name."""
    return STAGES.get(name) or Stage(name)
