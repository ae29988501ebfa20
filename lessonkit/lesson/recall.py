"""One earlier idea, asked again on each later page, and five at the end; each wrong answer has its reason."""

from __future__ import annotations

from dataclasses import dataclass


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
        """All answers, as they are shown."""
        others = list(self.wrong)
        return [*others[: self.order], self.right, *others[self.order :]]

    def reason(self, answer: str) -> str:
        """Why an answer is right or wrong; "" for one that is none of the choices."""
        return self.why if answer == self.right else self.wrong.get(answer, "")


AGAIN = {
    "one_size": Asked(
        "labels",
        "Where do the labels of these photos come from?",
        "From their names or folders",
        "The breed stands in each file's name, or in its folder's. A pattern, or the folder, takes it out.",
        {
            "The network finds them": "The network learns from labels; it cannot learn without them. Somebody named the files.",
            "From the pixels": "Pixels are what the network looks at. The label is the answer that it is to learn.",
        },
        1,
    ),
    "train": Asked(
        "normalization",
        "Why are the pixels normalized before the network sees them?",
        "It learned with numbers on that scale",
        "The pretrained network saw numbers on this scale when it learned. On another scale it sees something else.",
        {
            "To make the files smaller": "Normalized photos take no less room: it only shifts and stretches the numbers.",
            "So that all have one size": "One size comes from cropping, squishing or padding. Normalizing changes the numbers, not "
            "the size.",
        },
        0,
    ),
    "mistakes": Asked(
        "frozen",
        "What changed while you trained with the body frozen?",
        "The head alone",
        "The body stayed as ImageNet left it. Only the new head, the last layers, learned the breeds.",
        {
            "All layers": "That happens later, when the body is unfrozen. Frozen means that it does not change.",
            "The body alone": "It is the other way round: the body was frozen, and the head learned.",
        },
        2,
    ),
    "too_many_epochs": Asked(
        "loss",
        "A model is sure of a wrong breed. What does that do to its loss on this photo?",
        "It is high",
        "The loss is −log of the probability given to the right breed. Sure of a wrong one, it gave the right one hardly any.",
        {
            "It is 0, as for any mistake": "A loss of 0 is for a photo whose right breed got all of the probability.",
            "The same as if it had been unsure": "The error rate counts both as one mistake. The loss also counts how sure it was.",
        },
        0,
    ),
    "unfreezing": Asked(
        "overfitting",
        "How do you see that a model overfits?",
        "Train loss falls, validation loss rises",
        "It still gets better on the photos that it learns from, and worse on those that it never saw.",
        {
            "Both losses rise": "Then it forgets or its learning rate is too high. A model that overfits still gets better on its own photos.",
            "The error rate is above 0": "Nearly every model makes mistakes. Overfitting shows in how the two losses move.",
        },
        1,
    ),
    "your_pet": Asked(
        "slice",
        "What does a slice of learning rates do?",
        "Small steps for the first layers, larger ones for the head",
        "The first layers know edges and textures, which fit any photo and need little change. The head has the most to learn.",
        {
            "A lower rate for each later epoch": "One-cycle changes the rate over time. A slice spreads it over the layers.",
            "It trains a part of the photos": "That would be a share of the photos. A slice is about rates, from layer to layer.",
        },
        2,
    ),
    "recap": Asked(
        "any_photo",
        "What does the model say of a photo of a teapot?",
        "The name of a breed",
        "It knows only the breeds that it was trained on, and its probabilities always add up to 100 %.",
        {
            "That it is no pet": "It has no such answer: nobody taught it one.",
            "Nothing": "It always gives each of its breeds a probability, whatever the photo shows.",
        },
        1,
    ),
}
"""By page: an idea of an earlier page."""

CHECK = (
    Asked(
        "check_luck",
        "One training of recipe A has 18 % wrong, one of recipe B 17 %. What do you know?",
        "Not yet which one is better",
        "The same recipe, trained again, ends somewhere else. Train each several times, and compare the spreads.",
        {
            "B is better": "One point is often less than the luck of training. Train each of them several times.",
            "B is better by 1 %": "17 instead of 18 % is one percentage point, and it may be luck.",
        },
        2,
    ),
    Asked(
        "check_held_out",
        "Why are some photos held out?",
        "To test the model on photos that it never saw",
        "On the photos that it learned from, a model may know the answers by heart. Only new photos tell what it learned.",
        {
            "To train faster": "It is a little faster, but that is not why. Without them nobody would know how good it is.",
            "Because their labels are wrong": "They are drawn at random. Their labels are as good as the others.",
        },
        0,
    ),
    Asked(
        "check_matrix",
        "A cell of the confusion matrix is in the row “Birman” and the column “Ragdoll”. What does its number count?",
        "Birmans that the model called Ragdolls",
        "A row is what the pet is, a column is what the model said.",
        {
            "Ragdolls that the model called Birmans": "Those are in the row “Ragdoll”: a row is what the pet is.",
            "Photos with both cats": "Each photo has one label. The cell counts photos, by label and by answer.",
        },
        1,
    ),
    Asked(
        "check_rate",
        "The losses jump up and become “not a number”. What do you change first?",
        "A lower learning rate",
        "The steps were so long that they leapt over the valley, higher and higher.",
        {
            "More epochs": "More steps of the same length leap even higher.",
            "A higher learning rate": "That makes the steps longer still.",
        },
        0,
    ),
    Asked(
        "check_transfer",
        "Why are a few hundred photos enough here?",
        "The body already learned to see from ImageNet",
        "Edges, fur and ears need not be learned again. Only the new head has to learn which of it makes which breed.",
        {
            "Pets are easy to tell apart": "You guessed ten yourself: look-alike breeds are hard.",
            "The network looks at each photo often": "It does, but a network that begins with random weights learns little from so few.",
        },
        2,
    ),
)
"""The five questions at the end of the lesson."""

ALL = (*AGAIN.values(), *CHECK)


def key(of: Asked) -> str:
    """What the answers to a question are kept under."""
    return f"recall|{of.key}"
