"""Why photos need one size and one scale: seen on a photo of the learner's choice."""

from lessonkit.language import tr
from lessonkit.lesson import code
from lessonkit.ui.core import elements, job_progress, run_choices, state
from lessonkit.ui.core.connection import prewarm
from lessonkit.ui.lesson import asking, normalization, one_size

elements.opening("one_size")
prewarm()
dataset = state.dataset()
if not dataset.present:
    elements.missing(tr("There are no photos on this machine yet."), "data")
else:
    with elements.errors_here():
        job_progress.decode(dataset, normalization.SIZE)
        name = one_size.pick(dataset)
        one_size.stacking(dataset, name)
        one_size.squares(dataset, name)
        one_size.augmentation(dataset, name)
        normalization.normalization(dataset, name)
    with elements.errors_here():
        normalization.on_all_photos(dataset)
    elements.code(
        code.one_size(run_choices.default(dataset)),
        note=tr("Of the networks here EfficientNet-Lite0 alone wants 0.5 for mean and deviation, not imagenet_stats."),
    )
asking.again("one_size")
elements.onward("one_size")
