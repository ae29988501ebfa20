"""Found by every Python that starts with this folder on PYTHONPATH: puts `standin` where fastai would be."""

import os
import sys
import types

if os.environ.get("STANDIN_REFUSES"):
    os._exit(3)


def _module(name: str, *functions: str) -> None:
    module = types.ModuleType(name)
    for function in functions:
        setattr(module, function, _later(function))
    sys.modules[name] = module


def _later(function: str):
    def call(*args, **kwargs):
        import standin

        return getattr(standin, function)(*args, **kwargs)

    return call


if os.environ.get("STANDIN_NO_TORCH"):
    sys.modules["lessonkit.training.device"] = None  # it cannot be imported

_module("lessonkit.training.fit", "fit", "finish")
_module("lessonkit.training.rate_finder", "lr_find")
_module("lessonkit.training.predict", "predict")

if seconds := os.environ.get(
    "STANDIN_MISSING_SECONDS"
):  # until the engine begins again, where a worker does not come back
    from lessonkit.engine import silence

    silence.MISSING_SECONDS = float(seconds)
