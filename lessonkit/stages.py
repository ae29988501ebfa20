"""What long work is busy with: the name of each stage as it is reported, its words on a page, what it is counted in."""

from __future__ import annotations

from dataclasses import dataclass

from lessonkit.language import translatable

BYTES = "bytes"


@dataclass(frozen=True)
class Stage:
    """One stage of a run or a job.

    Attributes: English, for `tr` where they are shown.
        words: what a page says while it lasts.
        unit: what `done` and `total` count: BYTES, "photos", …; "" where nothing is counted.
    """

    words: str
    unit: str = ""


STAGES = {
    "": Stage(translatable("Getting ready")),
    "waiting": Stage(translatable("Somebody else is getting the same ready: waiting for that")),
    "download": Stage(translatable("Downloading"), BYTES),
    "checksum": Stage(translatable("Checking the archive"), BYTES),
    "unpack": Stage(translatable("Unpacking"), BYTES),
    "samples": Stage(translatable("Looking at some photos of each breed"), translatable("photos")),
    "drawing": Stage(translatable("Drawing the pets"), translatable("photos")),
    "check": Stage(translatable("Checking the photos"), translatable("photos")),
    "photos": Stage(translatable("Decoding each photo once"), translatable("photos")),
    "copies": Stage(translatable("Looking for copies of a photo"), translatable("photos")),
    "weights": Stage(translatable("Fetching the pretrained weights"), BYTES),
    "activations": Stage(
        translatable("Running the frozen body once over each photo and each augmented view of it"),
        translatable("photos and views"),
    ),
    "compiling": Stage(
        translatable("Trying torch.compile, a wait of a minute or so: kept if it makes the steps faster")
    ),
    "training": Stage(translatable("Training"), translatable("batches")),
    "lr_find": Stage(translatable("Raising the rate, batch by batch"), translatable("batches")),
    "measure": Stage(translatable("Timing a few batches of each architecture"), translatable("steps")),
    "making": Stage(translatable("Making it")),
    "zipping": Stage(translatable("Copying the photos"), BYTES),
    "comparing": Stage(translatable("Comparing its answers with the model's"), translatable("photos")),
    "repeats": Stage(translatable("Training it again with other seeds"), translatable("repeats")),
    "predicting": Stage(translatable("Predicting the photos held out"), translatable("photos")),
}
"""By the name that is reported, in the order in which they come."""


def stage(name: str) -> Stage:
    """The stage of this name; one that is not known (of a newer version) says its name."""
    return STAGES.get(name) or Stage(name)
