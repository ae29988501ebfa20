"""fastai's augmentation of a batch: drawn by fastai's own transforms, worked out in fewer steps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from fastai.vision.augment import aug_transforms, find_coeffs
from torch import Tensor

from lessonkit.spec import MAX_ZOOM
from lessonkit.training.device import send

EDGE = 1e-7  # a brightness of 0 or 1 has no logit; fastai keeps as far from both
_HOMOGRAPHY = 9  # numbers


class Augment:
    """fastai's augmentations of a batch: flip, turn, warp, zoom, light; see `aug_transforms`.

    Called with floats of 0 to 1, (photos, 3, side, side), `side` at most twice `size` (of larger photos fastai takes
    averages first); returns (photos, 3, size, size): what fastai's transforms return, to 2e-6 on average and 1e-4 at most.

    fastai applies flip, turn and zoom as one matrix and the warp as another, coordinate by coordinate, and asks in
    between whether one is zero, for which it waits for a GPU. Here both are one homography: 11 ms a batch of 32 at 160
    pixels on two cores, not 23. All is drawn on the CPU, from the global generators of `random` and `torch`.
    """

    def __init__(self, size: int):
        self.size = size
        self._space, self._light = aug_transforms(size=size, max_zoom=MAX_ZOOM)
        (self._warp,) = self._space.coord_fs
        self._brightness, self._contrast = self._light.fs

    def __call__(self, batch: Tensor) -> Tensor:
        drawn = send(self._drawn(batch.shape), batch.device)
        corners = drawn[:, :_HOMOGRAPHY].view(-1, 3, 3)
        shift, scale = (drawn[:, at].view(-1, 1, 1, 1) for at in (_HOMOGRAPHY, _HOMOGRAPHY + 1))
        batch = F.grid_sample(
            batch, _coordinates(corners, self.size), self._space.mode, self._space.pad_mode, self._space.align_corners
        )
        return torch.addcmul(shift * scale, torch.logit(batch, EDGE), scale).sigmoid_()

    def _drawn(self, shape: torch.Size) -> Tensor:
        """What happens to each photo, (photos, 11) on the CPU: its homography, brightness as a logit, contrast."""
        like = torch.empty(()).expand(shape)
        self._space.before_call(like, split_idx=0)
        self._light.before_call(like, split_idx=0)
        matrix = torch.eye(3).repeat(len(like), 1, 1)
        matrix[:, :2] = self._space.mat.as_subclass(Tensor)
        warp = find_coeffs(self._warp.orig_pts, self._warp.targ_pts).as_subclass(Tensor).view(-1, 8)
        warp = torch.cat([warp, torch.ones(len(like), 1)], 1).view(-1, 3, 3)
        light = [part.change.as_subclass(Tensor) for part in (self._brightness, self._contrast)]
        return torch.cat([(warp @ matrix).flatten(1), light[0].logit().unsqueeze(1), light[1].unsqueeze(1)], 1)


def _coordinates(homography: Tensor, size: int) -> Tensor:
    """Where each pixel of a view comes from: (photos, 3, 3) -> (photos, size, size, 2), -1 to 1 from edge to edge."""
    line = torch.linspace(-1, 1, size, device=homography.device)
    across, down = line.view(1, 1, size), line.view(1, size, 1)
    of = homography.reshape(-1, 9, 1, 1)
    depth = 1 / (of[:, 6] * across + (of[:, 7] * down + of[:, 8]))
    coordinates = homography.new_empty(len(homography), size, size, 2)
    for axis in (0, 1):
        row = of[:, 3 * axis : 3 * axis + 3]
        torch.mul(row[:, 0] * across + (row[:, 1] * down + row[:, 2]), depth, out=coordinates[..., axis])
    return coordinates
