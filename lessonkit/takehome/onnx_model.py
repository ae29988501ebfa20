"""A finished run's model as ONNX, which runs without torch; its answers are compared with the model's own when it is made."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from lessonkit.errors import LessonError
from lessonkit.language import tr
from lessonkit.photos.progress import Report, quiet
from lessonkit.takehome import lineage
from lessonkit.takehome.lineage import Stage
from lessonkit.takehome.model import about
from lessonkit.training import batches, predict

INPUT, OUTPUT = "photos", "probabilities"
MOST_APART = 1e-4  # of a probability: what float32 does in another order stays far below
BATCH = 32


def onnx_file(run_id: str, report: Report = quiet) -> bytes:
    """The model as an ONNX file: INPUT float32 (n, 3, size, size) -> OUTPUT float32 (n, breeds), each row's sum 1.

    Its metadata are `model.about`, and "checked": how far its probabilities are from the model's own, at most, on all
    held-out photos, reported as ("comparing", photos, photos). torch's exporter has written a wrong bias before, without a word (pytorch issue 166797).

    Raises:
        LessonError: the run has no model, its photos are gone, or a probability differs by more than MOST_APART.
    """
    stage = lineage.stage(lineage.finished(run_id))
    if not lineage.photos_here(stage.spec):
        raise LessonError(
            tr(
                "The photos that this run was trained on are not on this machine, and the ONNX file is checked on them."
            ),
            tr("Get them again, on the page “Get the data”, or take the model home as safetensors."),
        )
    _, _, model = predict.model_of(run_id)
    network = nn.Sequential(copy.deepcopy(model), nn.Softmax(1)).eval().to(memory_format=torch.contiguous_format)
    made = _exported(network, stage.spec.size)
    apart = largest_difference(made.SerializeToString(), network, stage, report)
    if not apart <= MOST_APART:  # nor where it is no number
        raise LessonError(
            tr(
                "The ONNX file does not answer as the model does: a probability differs by {apart}.",
                apart=f"{apart:.2g}",
            ),
            tr("Take the model home as safetensors or as fastai's learner, which are not translated."),
        )
    checked = (
        f"on {len(stage.frame)} held-out photos no probability differs from the model's own by more than {apart:.1e}"
    )
    onnx.helper.set_model_props(made, {**about(stage), "checked": checked})
    return made.SerializeToString()


def largest_difference(file: bytes, network: nn.Module, stage: Stage, report: Report = quiet) -> float:
    """How far an ONNX file's probabilities are from those of the network that it was made of, at most, 0 to 1.

    Of all held-out photos of the run, all breeds. NaN where an answer is no number.
    """
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    apart, done = [], 0
    for batch in _held_out(stage):
        report("comparing", done, len(stage.frame))
        done += len(batch)
        with torch.inference_mode():
            wanted = network(batch).numpy()
        (answered,) = session.run([OUTPUT], {INPUT: batch.numpy()})
        apart.append(np.abs(answered - wanted).max())
    return float(np.max(apart)) if apart else float("nan")


def _exported(network: nn.Module, size: int) -> onnx.ModelProto:
    """The network as ONNX, for any number of photos, without the exporter's notes (they name this machine's files)."""
    two = torch.zeros(2, 3, size, size)  # of one photo, the exporter would take the number for fixed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own parts, about to be deprecated
        program = torch.onnx.export(
            network,
            (two,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise LessonError(tr("torch did not make an ONNX file of this model."), tr("Take it home as safetensors."))
    made = program.model_proto
    for part in (
        *made.graph.node,
        *made.graph.value_info,
        *made.graph.initializer,
        *made.graph.input,
        *made.graph.output,
    ):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    del made.metadata_props[:], made.graph.metadata_props[:]
    return made


def _held_out(stage: Stage) -> Iterator[Tensor]:
    """The run's held-out photos as the network takes them, in batches: (n, 3, size, size) float32."""
    spec, dataset = stage.spec, stage.dataset
    normalize = batches.Normalization(spec, predict.CPU)
    photos = list(stage.frame["photo"])
    for start in range(0, len(photos), BATCH):
        squares = [predict.middle(dataset.path(photo), spec.size) for photo in photos[start : start + BATCH]]
        yield normalize(batches.to_float(squares, predict.CPU)).contiguous()
