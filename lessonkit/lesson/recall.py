"""One earlier idea, asked again on each later page, and five at the end; each wrong answer has its reason."""

from __future__ import annotations

from dataclasses import dataclass

from lessonkit.language import tr, translatable


@dataclass(frozen=True)
class Asked:
    """A question with one right answer.

    Attributes:
        key: its answers are kept under it.
        words: the question.
        right: the right answer. why: why it is that.
        wrong: each wrong answer, and why it is that.
        order: which place the right answer has among all, from 0.
    """

    key: str
    words: str
    right: str
    why: str
    wrong: dict[str, str]
    order: int

    @property
    def choices(self) -> list[str]:
        """All answers in the order in which they are shown; in English, as they are kept."""
        others = list(self.wrong)
        return [*others[: self.order], self.right, *others[self.order :]]

    def reason(self, answer: str) -> str:
        """Why an answer is right or wrong, in the learner's language; "" for one that is none of the choices."""
        return tr(self.why if answer == self.right else self.wrong.get(answer, ""))


AGAIN = {
    "one_size": Asked(
        "labels",
        translatable("Where do the labels of these photos come from?"),
        translatable("From their names or folders"),
        translatable(
            "The breed stands in each file's name, or in its folder's. A pattern, or the folder, takes it out."
        ),
        {
            translatable("The network finds them"): translatable(
                "The network learns from labels; it cannot learn without them. Somebody named the files."
            ),
            translatable("From the pixels"): translatable(
                "Pixels are what the network looks at. The label is the answer that it is to learn."
            ),
        },
        1,
    ),
    "train": Asked(
        "normalization",
        translatable("Why are the pixels normalized before the network sees them?"),
        translatable("It learned with numbers on that scale"),
        translatable(
            "The pretrained network saw numbers on this scale when it learned. On another scale it sees something else."
        ),
        {
            translatable("To make the files smaller"): translatable(
                "Normalized photos take no less room: it only shifts and stretches the numbers."
            ),
            translatable("So that all have one size"): translatable(
                "One size comes from cropping, squishing or padding. Normalizing changes the numbers, not the size."
            ),
        },
        0,
    ),
    "mistakes": Asked(
        "frozen",
        translatable("What changed while you trained with the body frozen?"),
        translatable("The head alone"),
        translatable("The body stayed as ImageNet left it. Only the new head, the last layers, learned the breeds."),
        {
            translatable("All layers"): translatable(
                "That happens later, when the body is unfrozen. Frozen means that it does not change."
            ),
            translatable("The body alone"): translatable(
                "It is the other way round: the body was frozen, and the head learned."
            ),
        },
        2,
    ),
    "too_many_epochs": Asked(
        "loss",
        translatable("A model is sure of a wrong breed. What does that do to its loss on this photo?"),
        translatable("It is high"),
        translatable(
            "The loss is −log of the probability given to the right breed. Sure of a wrong one, it gave the right one hardly any."
        ),
        {
            translatable("It is 0, as for any mistake"): translatable(
                "A loss of 0 is for a photo whose right breed got all of the probability."
            ),
            translatable("The same as if it had been unsure"): translatable(
                "The error rate counts both as one mistake. The loss also counts how sure it was."
            ),
        },
        0,
    ),
    "unfreezing": Asked(
        "overfitting",
        translatable("How do you see that a model overfits?"),
        translatable("Train loss falls, validation loss rises"),
        translatable("It still gets better on the photos that it learns from, and worse on those that it never saw."),
        {
            translatable("Both losses rise"): translatable(
                "Then it forgets or its learning rate is too high. A model that overfits still gets better on its own photos."
            ),
            translatable("The error rate is above 0"): translatable(
                "Nearly every model makes mistakes. Overfitting shows in how the two losses move."
            ),
        },
        1,
    ),
    "your_pet": Asked(
        "slice",
        translatable("What does a slice of learning rates do?"),
        translatable("Small steps for the first layers, larger ones for the head"),
        translatable(
            "The first layers know edges and textures, which fit any photo and need little change. The head has the most to learn."
        ),
        {
            translatable("A lower rate for each later epoch"): translatable(
                "One-cycle changes the rate over time. A slice spreads it over the layers."
            ),
            translatable("It trains a part of the photos"): translatable(
                "That would be a share of the photos. A slice is about rates, from layer to layer."
            ),
        },
        2,
    ),
    "recap": Asked(
        "any_photo",
        translatable("What does the model say of a photo of a teapot?"),
        translatable("The name of a breed"),
        translatable("It knows only the breeds that it was trained on, and its probabilities always add up to 100 %."),
        {
            translatable("That it is no pet"): translatable("It has no such answer: nobody taught it one."),
            translatable("Nothing"): translatable(
                "It always gives each of its breeds a probability, whatever the photo shows."
            ),
        },
        1,
    ),
}
"""By page: an idea of an earlier page."""

CHECK = (
    Asked(
        "check_luck",
        translatable("One training of recipe A has 18 % wrong, one of recipe B 17 %. What do you know?"),
        translatable("Not yet which one is better"),
        translatable(
            "The same recipe, trained again, ends somewhere else. Train each several times, and compare the spreads."
        ),
        {
            translatable("B is better"): translatable(
                "One point is often less than the luck of training. Train each of them several times."
            ),
            translatable("B is better by 1 %"): translatable(
                "17 instead of 18 % is one percentage point, and it may be luck."
            ),
        },
        2,
    ),
    Asked(
        "check_held_out",
        translatable("Why are some photos held out?"),
        translatable("To test the model on photos that it never saw"),
        translatable(
            "On the photos that it learned from, a model may know the answers by heart. Only new photos tell what it learned."
        ),
        {
            translatable("To train faster"): translatable(
                "It is a little faster, but that is not why. Without them nobody would know how good it is."
            ),
            translatable("Because their labels are wrong"): translatable(
                "They are drawn at random. Their labels are as good as the others."
            ),
        },
        0,
    ),
    Asked(
        "check_matrix",
        translatable(
            "A cell of the confusion matrix is in the row “Birman” and the column “Ragdoll”. What does its number count?"
        ),
        translatable("Birmans that the model called Ragdolls"),
        translatable("A row is what the pet is, a column is what the model said."),
        {
            translatable("Ragdolls that the model called Birmans"): translatable(
                "Those are in the row “Ragdoll”: a row is what the pet is."
            ),
            translatable("Photos with both cats"): translatable(
                "Each photo has one label. The cell counts photos, by label and by answer."
            ),
        },
        1,
    ),
    Asked(
        "check_rate",
        translatable("The losses jump up and become “not a number”. What do you change first?"),
        translatable("A lower learning rate"),
        translatable("The steps were so long that they leapt over the valley, higher and higher."),
        {
            translatable("More epochs"): translatable("More steps of the same length leap even higher."),
            translatable("A higher learning rate"): translatable("That makes the steps longer still."),
        },
        0,
    ),
    Asked(
        "check_transfer",
        translatable("Why are a few hundred photos enough here?"),
        translatable("The body already learned to see from ImageNet"),
        translatable(
            "Edges, fur and ears need not be learned again. Only the new head has to learn which of it makes which breed."
        ),
        {
            translatable("Pets are easy to tell apart"): translatable(
                "You guessed ten yourself: look-alike breeds are hard."
            ),
            translatable("The network looks at each photo often"): translatable(
                "It does, but a network that begins with random weights learns little from so few."
            ),
        },
        2,
    ),
)
"""The five questions at the end of the lesson."""

ALL = (*AGAIN.values(), *CHECK)


def key(of: Asked) -> str:
    """What the answers to a question are kept under."""
    return f"recall|{of.key}"
