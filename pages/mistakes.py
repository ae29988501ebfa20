"""Top losses, the confusion matrix by clicking, the pairs most confused."""

import streamlit as st

from lessonkit.analysis import predictions
from lessonkit.language import decimal, tr, trn
from lessonkit.lesson import code, error_rates
from lessonkit.ui.core import cached, elements, formatting, snapshot
from lessonkit.ui.explore import selection, top_losses
from lessonkit.ui.lesson import asking, confused, confusing, ideas

elements.opening("mistakes")
run = selection.pick_model()
if run is None:
    elements.missing(tr("There is no trained model on these photos yet."), "train")
else:
    dataset, frame = snapshot.dataset_of(run), cached.predictions(run)
    rate = predictions.error_rate(frame)
    wrong = int((~frame["correct"]).sum())
    breed, always = cached.made_of(predictions.commonest, run)
    named = trn(
        "The model named **{wrong} of {n}** validation photo wrongly: an error rate of {rate}.",
        "The model named **{wrong} of {n}** validation photos wrongly: an error rate of {rate}.",
        len(frame), wrong=decimal(wrong), rate=formatting.percent(rate),
    )  # fmt: skip
    st.markdown(f"{named} {error_rates.baseline_words(rate, formatting.breed(breed), always, len(frame))}")
    guessed = confusing.guess(run)  # before the photos below, which show the answer
    top_losses.top_losses(dataset, run)
    ideas.loss_of_probability(frame, (run.id, run.status().ended_at))
    confused.matrix(run, dataset, frame, guessed)
    confused.pairs(run, dataset, guessed)
    elements.code(
        code.mistakes(),
        note=tr("fastai's plot prints the highest predicted probability; here both breeds' are shown."),
    )
asking.again("mistakes")
elements.onward("mistakes")
