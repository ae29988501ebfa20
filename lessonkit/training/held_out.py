"""What a trained model answers on the photos held out, and the files that it is written to."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from lessonkit.photos.progress import Report
from lessonkit.runs import Run
from lessonkit.storage import write_bytes
from lessonkit.training import device, models
from lessonkit.training.setup import Setup


@torch.inference_mode()
def predicted(setup: Setup, report: Report) -> tuple[Tensor, Tensor]:
    """Pooled features and logits of the valid photos, float32 on the CPU, in the order of `photos.valid`."""
    body, tail = models.pooled_body(setup.model).eval(), models.tail(setup.model).eval()
    features, logits, done = [], [], 0
    for batch, _ in setup.dls.valid:
        if setup.spec.precompute:
            answer = tail(batch)
        else:
            with device.autocast(setup.device):  # the head too, as in validation: what is shown is what was measured
                batch = body(batch)
                answer = tail(batch)
        features.append(batch.float().cpu())
        logits.append(answer.float().cpu())
        done += len(batch)
        report("predicting", done, len(setup.photos.valid))
    return torch.cat(features), torch.cat(logits)


def write_predictions(run: Run, setup: Setup, features: Tensor, logits: Tensor) -> None:
    photos, vocab = setup.photos, np.array(setup.photos.vocab)
    log_probabilities = torch.log_softmax(logits.double(), 1)
    probabilities = log_probabilities.exp()
    actual, predicted = photos.valid_targets, logits.argmax(1)
    rows = torch.arange(len(actual))
    frame = pd.DataFrame(
        {
            "photo": photos.valid,
            "actual": vocab[actual.numpy()],
            "predicted": vocab[predicted.numpy()],
            "loss": -log_probabilities[rows, actual].numpy(),
            "probability": probabilities[rows, predicted].numpy(),
            "probability_actual": probabilities[rows, actual].numpy(),
            "correct": (actual == predicted).numpy(),
        }
    )
    table = io.BytesIO()
    frame.to_parquet(table, index=False)
    write_bytes(run.path("predictions.parquet"), table.getvalue())
    for name, array in (("probabilities.npy", probabilities.float()), ("features.npy", features)):
        file = io.BytesIO()
        np.save(file, array.numpy())
        write_bytes(run.path(name), file.getvalue())
