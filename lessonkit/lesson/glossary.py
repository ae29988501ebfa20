"""The field's own words, each in a sentence or two."""

GLOSSARY = {
    "Activations": "The numbers that come out of a layer when a photo goes in.",
    "Architecture": "The plan of a network: which layers, in which order, how large. ResNet-34 is one.",
    "Augmentation": "Changing each training photo a little, each time that it is seen: turned, mirrored, brighter, cut "
    "closer. The breed stays the same, so the network learns that these changes do not matter.",
    "Batch": "The photos that the network sees at once before its weights are changed a little.",
    "Batch norm": "A layer that brings activations to one scale. In training it uses each batch's own mean and "
    "deviation and keeps a running average of them; afterwards it uses that average. The average can be "
    "kept fixed.",
    "Body and head": "The body turns a photo into some hundred or thousand activations; the head turns those into a "
    "probability for each breed. The body comes pretrained, the head starts from nothing.",
    "Calibration": "How well a model's certainty fits its success: of the photos that it names with 80 % probability, 8 "
    "in 10 should be right. The **expected calibration error** is how far the two lie apart, on average "
    "over the photos.",
    "Channel": "One of a photo's three grids of numbers: how much red, green and blue each pixel has.",
    "Confidence interval": "A range around a share that was counted on few photos. Of 100 such 95 % intervals, some 95 hold the "
    "true share. Here they are **Wilson's**, which fit small counts too.",
    "Confusion matrix": "A table: a row for each actual breed, a column for each predicted one, and in each cell how many "
    "photos.",
    "Dropout": "Setting some activations to 0, chosen at random for each batch, in training only. So the network "
    "cannot rely on any single one.",
    "Epoch": "One pass over all training photos.",
    "Error rate": "The share of the validation photos that the model names wrongly.",
    "Fine-tuning": "Training a pretrained network further on one's own photos.",
    "Freeze": "To keep the weights of some layers as they are while others train.",
    "GPU": "A graphics card. It does thousands of small sums at once, and training is made of those. The lesson "
    "also runs without one.",
    "Grad-CAM": "A way to see where a network looked: it colours the places of the photo that raised the score of a "
    "breed.",
    "ImageNet": "1.3 million photos of 1,000 kinds of things, dogs and cats among them. Most pretrained networks "
    "learned from them.",
    "Layer": "One step of a network: it takes the numbers of the layer before and turns them into new ones. The "
    "first layers find edges and colours, the last ones parts of animals.",
    "Learner": "fastai's object that holds the data, the model, the loss and the optimizer together.",
    "Learning rate": "How far the weights move at each step. Too low: nothing is learned; too high: everything is lost.",
    "Loss": "A number for how wrong the probabilities are: the negative logarithm of the probability given to the "
    "actual breed. 0 is perfect; guessing among 12 breeds is 2.5, among 37 it is 3.6.",
    "Momentum": "How much of the last steps' direction goes into the next step, as with a ball that rolls on.",
    "Normalization": "Moving the numbers of each channel to one scale: take away the mean, divide by the **standard "
    "deviation**, which says how far the numbers usually lie from their mean.",
    "One-cycle": "A schedule: the learning rate rises to its peak and falls to almost nothing within the run, the "
    "momentum the other way round (Leslie Smith, 2018).",
    "Overfitting": "Learning the training photos by heart: the training loss falls while the validation loss rises.",
    "Parameters": "The numbers in a network that training changes; **weights** is another word for most of them.",
    "PCA": "Principal component analysis: a way to draw points of a thousand numbers each on a flat map, so that "
    "what is alike mostly lies close together.",
    "Percentage points": "The difference of two percentages: from 20 % to 18 % is 2 percentage points (and 10 % less).",
    "Pretrained": "Trained before, on other photos. Its weights are a better start than random ones.",
    "Seed": "The number that random choices begin from. With the same seed they come out the same. The seed of "
    "the **split** decides which photos are held out; the seed of a training decides the order of the "
    "photos and the like.",
    "Slice": "Learning rates from a low to a high one: the first layers take the low end, the head the high end, "
    "the layers between them something in between.",
    "Top losses": "The validation photos with the highest loss: those whose actual breed the model gave the least "
    "probability.",
    "Training and validation": "The model learns from the training photos. The validation photos, one in five here, are held out: it "
    "never learns from them, so they show what it does with photos that are new to it.",
    "Transfer learning": "Using what a network learned on one task, ImageNet's 1,000 classes, for another.",
}
