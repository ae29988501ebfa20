"""What people ask at each step, and the answers."""

from lessonkit.language import translatable

UNFREEZING = (
    (
        translatable("Why unfreeze, fit one epoch, and then load the old weights back?"),
        translatable(
            "To see what the naive way costs, without paying for it. The lesson saves the frozen stage (`stage-1`), "
            "unfreezes, fits one epoch at the default rate and looks: there, the error was higher than before. The fit has "
            "changed the weights, so the good ones are loaded back before the right way is tried from the same start. Here "
            "each run starts from the saved stage, and none overwrites another."
        ),
    ),
    (
        translatable("Where it gets worse: why?"),
        translatable(
            "The first layers know edges, colours and textures, learned from 1.3 million photos. Those fit any photo and "
            "need little change. fastai's default rate, 1e-3, suits a new head that knows nothing. The lesson's slice gives the "
            "first layers 1e-6, a thousandth of it. Steps a thousand times as large can wipe out what they know within a few "
            "dozen batches. And **batch norm** can make it far worse: where its statistics are fixed, they describe what the "
            "layers gave out *before* they moved. Whether it did harm here, and how much of the harm is batch norm's, you see in "
            "the numbers above: train the one rate with the statistics fixed, then with them trained."
        ),
    ),
    (
        translatable("Did the lesson's naive way really use one rate for all?"),
        translatable(
            "Not quite. In fastai 1, `fit_one_cycle(1)` used `slice(3e-3)`: 3e-3 for the head, and a tenth of it, 3e-4, for "
            "the body's groups of layers. In today's fastai it is one rate for all, 1e-3, and that is what this page takes "
            "unless you choose another."
        ),
    ),
    (
        translatable("What does slice(1e-6, 1e-4) do?"),
        translatable(
            "It gives each group of layers its own rate: the first layers get 1e-6, the head gets 1e-4, the groups between "
            "are spread evenly on a logarithmic scale. These are **discriminative learning rates**. All of them are small: the "
            "high end is far below the rate at which the head was trained. Is it the spread that helps, or only that all of it "
            "is small? The card “unfrozen, one small rate” has the same epochs at 1e-4 for all layers: train it and compare."
        ),
    ),
    (
        translatable("How does fine_tune relate to this?"),
        translatable(
            "Today's fastai does both stages in one call: `learn.fine_tune(4)` fits one epoch frozen, unfreezes, and fits "
            "four more with `slice(base_lr/100, base_lr)` after halving `base_lr`. It is this page's recipe with good "
            "defaults. The 2019 lesson does it by hand so that you see each step."
        ),
    ),
    (
        translatable("What is batch norm doing here?"),
        translatable(
            "Each batch norm layer keeps the mean and deviation of what passes through it. Pretrained, they are those of "
            "ImageNet. If they are trained on, they move towards your photos. In a few dozen batches of a few hundred photos they "
            "may not settle, and the head was trained on the old ones: that speaks for fixed ones. But where the weights under them "
            "move far, as at large rates, fixed ones no longer fit: that speaks for trained ones. With thousands of photos, as in "
            "the lesson, there are batches enough to settle. To see which one wins here, train a card both ways."
        ),
    ),
)

TRAINING = (
    (
        translatable("What does fit_one_cycle do that fit does not?"),
        translatable(
            "It moves the learning rate during the run: up to its peak in the first quarter, then down to almost nothing. "
            "High rates in the middle travel far; low rates at the end settle. You see the curve while it trains."
        ),
    ),
    (
        translatable("Why is the training loss higher than the validation loss at first?"),
        translatable(
            "fastai's training loss is a smoothed average over the batches: each new one counts for 2 %, so the last fifty "
            "or so weigh most. It begins again with each fit, not with each epoch. So it still holds batches from when the "
            "model knew less, and it is taken on augmented photos, and with **dropout** where the head has it: some activations are set to 0 at random. The validation loss is "
            "measured after the epoch, with neither."
        ),
    ),
    (
        translatable("How do I choose a learning rate?"),
        translatable(
            "Run `lr_find` above and do what it says. It raises the rate batch by batch until the loss explodes. Much lower rates "
            "learn slowly, and much higher ones are near the explosion; the rate to take lies between. A rate four times as high or "
            "as low trains about alike, so the exact number does not matter."
        ),
    ),
)

OVERFITTING = (
    (
        translatable("Valid loss and error rate go different ways. Which one counts?"),
        translatable(
            "Both are true. The error rate asks only which breed comes first; the loss also asks how sure the model is. "
            "A model that has learned by heart becomes ever more certain, also where it is wrong: each mistake costs more, "
            "and the number of mistakes hardly changes. You notice when you need its probabilities."
        ),
    ),
    (
        translatable("What helps against overfitting?"),
        translatable(
            "In this order, usually: more photos; augmentation; fewer epochs; more dropout or weight decay; a smaller network. "
            "Try here whether it comes sooner with a smaller share of the photos, or with augmentation off."
        ),
    ),
    (
        translatable("Should I take the model of the best epoch?"),
        translatable(
            "Rather not. Under one-cycle the best epoch often lies in the middle of the schedule, where the learning rate is "
            "high and the weights have not settled; soon after it the rate reaches its peak, and part of the jump is that. "
            "fast.ai's advice: train again, from the start, for about as many epochs as it took to get there, so that the rate "
            "falls to nothing where you stop. On the page “Train” you can."
        ),
    ),
)
