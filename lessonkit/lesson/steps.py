"""The lesson's steps, in its order: a page each."""

from __future__ import annotations

from dataclasses import dataclass

from lessonkit.language import translatable


@dataclass(frozen=True)
class Step:
    """One page of the lesson.

    Attributes:
        page: the file in `pages/`, without its ending.
        title: as the navigation and the page's heading say it.
        icon: Material symbol.
        what: what the learner does here, and why, in a few sentences (Markdown).
        onward: the sentence that leads on to the next step.
        words: of the glossary, those that a learner meets first where the page begins: they can be opened there.
        later: the words that a learner meets first further down the page, by the part of the page where that is.
    """

    page: str
    title: str
    icon: str
    what: str
    onward: str
    words: tuple[str, ...] = ()
    later: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def all_words(self) -> tuple[str, ...]:
        return (*self.words, *(word for _, words in self.later for word in words))

    @property
    def path(self) -> str:
        return f"pages/{self.page}.py"


STEPS = (
    Step(
        "start", translatable("What's your pet?"), ":material/pets:",
        translatable("Telling a cat from a dog is easy, for you and for a network. Telling a *Birman* from a *Ragdoll* is not: the "
        "differences are small and sit in a few places, the shape of an ear, the edge of a patch of fur. That is "
        "**fine-grained classification**, and in this lesson you will train a network that does it, find out what it "
        "gets wrong, spoil it on purpose and repair it."),
        translatable("Your own error rate is what the network has to beat. First it needs photos to learn from."),
        ("Error rate",),
    ),
    Step(
        "data", translatable("Get the data"), ":material/photo_library:",
        translatable("A network learns from examples: photos, each with its breed. Here the breed is part of each **file name**. A "
        "**regular expression**, a pattern for text, finds it there. In a real project most of the work is like this: you get "
        "the data and find its labels."),
        translatable("The photos are here and each has its label. But they are of all sizes, and a network wants them equal."),
    ),
    Step(
        "one_size", translatable("One size, one scale"), ":material/crop:",
        translatable("A network looks at many photos at once, stacked in one block of numbers: a **batch**. A **GPU**, a graphics "
        "card, works on thousands of these numbers at the same time; without one a computer does the same work, but more "
        "slowly. Photos in a stack must have one size. And the numbers should be on the scale that our network learned with: it "
        "is **pretrained**, it has learned before, from the 1.3 million photos of **ImageNet**. Without one size nothing runs; "
        "what the right scale is worth, you will see."),
        translatable("Photos of one size, on one scale, in batches: that is all a network needs. Time to train it."),
        ("Batch", "GPU", "Pretrained", "ImageNet"),
        (
            ("squares", ("Training and validation",)),
            ("augmentation", ("Augmentation",)),
            ("normalization", ("Channel", "Normalization")),
        ),
    ),
    Step(
        "train", translatable("Train"), ":material/model_training:",
        translatable("The network has already learned to see, from 1.3 million photos of ImageNet. It is made of **layers**: each turns "
        "the numbers of the one before into new ones, the first find edges and colours, the last find parts of animals. We keep "
        "almost all of them, the **body**, and put a new **head** in place of the last ones; it knows nothing yet. Only the head "
        "is trained. The body is **frozen**, it does not change. So a few hundred photos and a few minutes are enough. That is "
        "**transfer learning**."),
        translatable("An error rate is one number for all photos held out. Which ones did it get wrong, and were they hard?"),
        ("Body and head", "Layer", "Freeze", "Transfer learning"),
        (
            ("choose", ("Epoch", "Architecture", "Parameters", "Activations", "Batch norm", "Dropout")),
            ("rate", ("Learning rate", "Loss", "One-cycle", "Momentum")),
            ("trainings", ("Seed", "Percentage points")),
            ("result", ("Confidence interval",)),
        ),
    ),
    Step(
        "mistakes", translatable("What it got wrong"), ":material/search:",
        translatable("Before you make a model better, look at its mistakes. The photos with the **top losses** are those whose "
        "actual breed it gave the least probability: often it was sure and wrong, sometimes it had no idea. The **confusion "
        "matrix** counts which breed was taken for which. Would you have made the same mistakes?"),
        translatable("Would it make fewer mistakes if it trained longer? Try."),
        ("Top losses", "Confusion matrix"),
    ),
    Step(
        "too_many_epochs", translatable("Too many epochs"), ":material/trending_up:",
        translatable("Is more training always better? A network that sees the same photos again and again may learn *these photos* by "
        "heart instead of the breeds: that is **overfitting**. On the photos that it trains on, such a network still looks good; "
        "the photos held out tell. Train on for many epochs, and see whether it happens here, and when."),
        translatable("More epochs for the head only go so far. The body is still as ImageNet left it; it has not learned from your photos. "
        "Unfreeze it."),
        ("Overfitting",),
    ),
    Step(
        "unfreezing", translatable("Unfreezing"), ":material/lock_open:",
        translatable("So far only the head has been trained. **Unfrozen**, every layer learns, and each epoch takes longer. In the "
        "lesson one way of doing it made the model *worse* (7.1 % became 10.1 %), and another made it better (6.2 %). They "
        "differ in the **learning rate**: one for all layers, or a **slice** of rates, tiny for the first layers and larger "
        "for the last. Guess, then see what each does here."),
        translatable("That is the whole recipe. Does it work on a photo that nobody prepared?"),
        ("Fine-tuning", "Slice"),
    ),
    Step(
        "your_pet", translatable("Your own pet"), ":material/add_a_photo:",
        translatable("A model is useful when it works on photos that it was not trained with. Give it one of yours. It can only "
        "answer with the breeds that it was trained on: shown a teapot, it still names a breed."),
        translatable("Now look back at what was done, in numbers."),
        ("Grad-CAM",),
    ),
    Step(
        "recap", translatable("Recap"), ":material/flag:",
        translatable("Here are the runs on these photos, beside those of the lesson as it was taught. The lesson used one GPU and 7,390 "
        "photos of 37 breeds."),
        "",
    ),
)  # fmt: skip

EXPLORE = (
    Step(
        "explorer", translatable("Why did it say that?"), ":material/travel_explore:",
        translatable("Follow a mistake to its cause: where the network **looked**, which training photos it finds **most alike**, "
        "how **sure** it was, and whether it was right to be. What you select here is selected on every page, and "
        "stands in the address: send it to somebody."),
        "",
        ("Calibration", "PCA"),
    ),
    Step(
        "two_runs", translatable("Two runs compared"), ":material/compare:",
        translatable("Frozen against unfrozen, 4 epochs against 40, a pretrained body against a random one: choose any two "
        "runs, and see which photos one got right and the other wrong."),
        "",
    ),
    Step(
        "clean", translatable("Clean and train again"), ":material/cleaning_services:",
        translatable("Some mistakes are not the model's: the **label** is wrong, or the photo is no use. Such photos are often "
        "among the top losses. Correct them, train again, and see what it was worth."),
        "",
    ),
    Step(
        "take_home", translatable("Take it home"), ":material/card_travel:",
        translatable("Take with you what was done here: as a notebook in plain fastai that runs without this app, as a model, as one page to "
        "read and show."),
        "",
        ("Learner",),
    ),
)  # fmt: skip


CLASS = (
    Step(
        "the_class", translatable("The class"), ":material/groups:",
        translatable("What the class has tried so far. Each point is a recipe that somebody trained; click one to look at it on all "
        "pages."),
        "",
    ),
    Step(
        "projector", translatable("For the projector"), ":material/connected_tv:",
        translatable("What all see on the wall: the way in, how the answers spread, what the class has tried. Nobody is named."),
        "",
    ),
)  # fmt: skip
"""Pages that there are where a class is served."""


def step(page: str) -> Step:
    """The step, or another page, of a file name. Raises KeyError when there is none."""
    return {s.page: s for s in STEPS + EXPLORE + CLASS}[page]


def after(page: str) -> Step | None:
    """The step that follows, None after the last and for the explorer's pages."""
    pages = [s.page for s in STEPS]
    if page not in pages:
        return None
    place = pages.index(page) + 1
    return STEPS[place] if place < len(STEPS) else None
