"""The field's own words, each in a sentence or two."""

from lessonkit.language import translatable

GLOSSARY = {
    translatable("Activations"): translatable("The numbers that come out of a layer when a photo goes in."),
    translatable("Architecture"): translatable(
        "The plan of a network: which layers, in which order, how large. ResNet-34 is one."
    ),
    translatable("Augmentation"): translatable(
        "Changing the training photos a little before the network learns from them: turned, mirrored, brighter, cut "
        "closer. The breed stays the same, so the network learns that these changes do not matter."
    ),
    translatable("Batch"): translatable(
        "The photos that the network sees at once before its weights are changed a little."
    ),
    translatable("Batch norm"): translatable(
        "A layer that brings activations to one scale. In training it uses each batch's own mean and "
        "deviation and keeps a running average of them; afterwards it uses that average. The average can be "
        "kept fixed."
    ),
    translatable("Body and head"): translatable(
        "The body turns a photo into some hundred or thousand activations; the head turns those into a "
        "probability for each breed. The body comes pretrained, the head starts from nothing."
    ),
    translatable("Calibration"): translatable(
        "How well a model's certainty fits its success: of the photos that it names with 80 % probability, 8 "
        "in 10 should be right. The **expected calibration error** is how far the two lie apart, on average "
        "over the photos."
    ),
    translatable("Channel"): translatable(
        "One of a photo's three grids of numbers: how much red, green and blue each pixel has."
    ),
    translatable("Confidence interval"): translatable(
        "A range around a share that was counted on few photos. Of 100 such 95 % intervals, some 95 hold the "
        "true share. Here they are **Wilson's**, which fit small counts too."
    ),
    translatable("Confusion matrix"): translatable(
        "A table: a row for each actual breed, a column for each predicted one, and in each cell how many photos."
    ),
    translatable("Dropout"): translatable(
        "Setting some activations to 0, chosen at random for each batch, in training only. So the network "
        "cannot rely on any single one."
    ),
    translatable("Epoch"): translatable("One pass over all training photos."),
    translatable("Error rate"): translatable(
        "The share of photos that are named wrongly: 3 of 10 is 30 %. A model's is counted on photos that it did not learn from."
    ),
    translatable("Fine-tuning"): translatable("Training a pretrained network further on one's own photos."),
    translatable("Freeze"): translatable("To keep the weights of some layers as they are while others train."),
    translatable("GPU"): translatable(
        "A graphics card. It does thousands of small sums at once, and training is made of those. The lesson "
        "also runs without one."
    ),
    translatable("Grad-CAM"): translatable(
        "A way to see where a network looked: it colours the places of the photo that raised the score of a breed."
    ),
    translatable("ImageNet"): translatable(
        "1.3 million photos of 1,000 kinds of things, dogs and cats among them. Most pretrained networks "
        "learned from them."
    ),
    translatable("Layer"): translatable(
        "One step of a network: it takes the numbers of the layer before and turns them into new ones. The "
        "first layers find edges and colours, the last ones parts of animals."
    ),
    translatable("Learner"): translatable(
        "fastai's object that holds the data, the model, the loss and the optimizer together."
    ),
    translatable("Learning rate"): translatable(
        "How far the weights move at each step. Too low: nothing is learned; too high: everything is lost."
    ),
    translatable("Loss"): translatable(
        "A number for how wrong the probabilities are: the negative logarithm of the probability given to the "
        "actual breed. 0 is perfect; guessing among 12 breeds is 2.5, among 37 it is 3.6."
    ),
    translatable("Momentum"): translatable(
        "How much of the last steps' direction goes into the next step, as with a ball that rolls on."
    ),
    translatable("Normalization"): translatable(
        "Moving the numbers of each channel to one scale: take away the mean, divide by the **standard "
        "deviation**, which says how far the numbers usually lie from their mean."
    ),
    translatable("One-cycle"): translatable(
        "A schedule: the learning rate rises to its peak and falls to almost nothing within the run, the "
        "momentum the other way round (Leslie Smith, 2018)."
    ),
    translatable("Overfitting"): translatable(
        "Learning the training photos by heart: the training loss falls while the validation loss rises."
    ),
    translatable("Parameters"): translatable(
        "The numbers in a network that training changes; **weights** is another word for most of them."
    ),
    translatable("PCA"): translatable(
        "Principal component analysis: a way to draw points of many numbers each on a flat map, so that "
        "what is alike mostly lies close together."
    ),
    translatable("Percentage points"): translatable(
        "The difference of two percentages: from 20 % to 18 % is 2 percentage points (and 10 % less)."
    ),
    translatable("Pretrained"): translatable(
        "Trained before, on other photos. Its weights are a better start than random ones."
    ),
    translatable("Seed"): translatable(
        "The number that random choices begin from. With the same seed they come out the same. The seed of "
        "the **split** decides which photos are held out; the seed of a training decides the order of the "
        "photos and the like."
    ),
    translatable("Slice"): translatable(
        "Learning rates from a low to a high one: the first layers take the low end, the head the high end, "
        "the layers between them something in between."
    ),
    translatable("Top losses"): translatable(
        "The validation photos with the highest loss: those whose actual breed the model gave the least probability."
    ),
    translatable("Training and validation"): translatable(
        "The model learns from the training photos. The validation photos, one in five here, are held out: it "
        "never learns from them, so they show what it does with photos that are new to it."
    ),
    translatable("Transfer learning"): translatable(
        "Using what a network learned on one task, ImageNet's 1,000 classes, for another."
    ),
}
