"""Why photos need one size and one scale: seen on a photo of the learner's choice."""

from lessonkit.lesson import code
from lessonkit.photos import catalog
from lessonkit.ui import choices, jobs, normalizing, say, sizing, state
from lessonkit.ui.data import shown_array
from lessonkit.ui.engine import expect_looks

say.opening("one_size")
expect_looks()
dataset = state.dataset()
if not catalog.present(dataset):
    say.missing("There are no photos on this machine yet.", "data")
else:
    with say.errors_here():
        jobs.decode(dataset, normalizing.SIZE)
        name = sizing.pick(dataset)
        photo = shown_array(dataset, name)
        sizing.stacking(dataset, name)
        sizing.squares(photo)
        sizing.augmentation(dataset, name)
        normalizing.normalization(dataset, name, photo)
    say.code(
        code.one_size(choices.default(dataset)),
        note="Of the architectures here EfficientNet-Lite0 alone wants 0.5 for mean and deviation, not imagenet_stats.",
    )
say.onward("one_size")
