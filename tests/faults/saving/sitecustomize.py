"""Found by every Python that starts with this folder on PYTHONPATH: a run is saved after each of its epochs."""

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder

NAME = "lessonkit.training.checkpoint"


class Often(MetaPathFinder, Loader):
    def find_spec(self, name, path, target=None):
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        found = importlib.util.find_spec(name)
        self.real, found.loader = found.loader, self
        return found

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        self.real.exec_module(module)
        module.SECONDS, module.MOST_OF_THE_TIME = 0.0, 1e9


sys.meta_path.insert(0, Often())
