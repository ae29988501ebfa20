"""The field's own words, each in a sentence or two."""

GLOSSARY = {
    "Activations": "The numbers that come out of a layer when a photo goes in.",
    "Architecture": "The plan of a network: which layers, in which order, of which size. ResNet-34 is one.",
    "Batch": "The photos that the network sees at once before its weights are changed a little.",
    "Batch norm": "A layer that brings activations to one scale. In training it uses each batch's own mean and "
    "deviation and keeps a running average of them; afterwards it uses that average. The average can be kept fixed.",
    "Body and head": "The body turns a photo into some hundred or thousand activations; the head turns those into a probability "
    "for each breed. The body comes pretrained, the head starts from nothing.",
    "Confusion matrix": "A table: a row for each actual breed, a column for each predicted one, and in each cell how "
    "many photos.",
    "Epoch": "One pass over all training photos.",
    "Error rate": "The share of the validation photos that the model names wrongly.",
    "Fine-tuning": "Training a pretrained network further on one's own photos.",
    "Freeze": "To keep the weights of some layers as they are while others train.",
    "Learner": "fastai's object that holds the data, the model, the loss and the optimizer together.",
    "Learning rate": "How far the weights move at each step. Too low: nothing is learned; too high: everything is lost.",
    "Loss": "A number for how wrong the probabilities are: the negative logarithm of the probability given to the "
    "actual breed. 0 is perfect; guessing among 12 breeds is 2.5, among 37 it is 3.6.",
    "One-cycle": "A schedule: the learning rate rises to its peak and falls to almost nothing within the run, the "
    "momentum the other way round (Leslie Smith, 2018).",
    "Overfitting": "Learning the training photos by heart: the training loss falls while the validation loss rises.",
    "Top losses": "The validation photos with the highest loss: those whose actual breed the model gave the least probability.",
    "Training and validation": "The model learns from the training photos. The validation photos, one in five here, "
    "are held out: it never learns from them, so they show what it does with photos that are new to it.",
    "Transfer learning": "Using what a network learned on one task, ImageNet's 1,000 classes, for another.",
}
