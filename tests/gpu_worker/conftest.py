from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from gpu_worker.runners.nanodet import NanoDetRunner
from gpu_worker.weights import nanodet_weights


@pytest.fixture(scope="session")
def nanodet() -> NanoDetRunner:
    torch.set_num_threads(1)  # the suite runs one process a core already
    return NanoDetRunner(nanodet_weights(), torch.device("cpu"))


@pytest.fixture(scope="session")
def photograph() -> Callable[[str], np.ndarray]:
    """A picture from the installed scikit-image wheel; `skimage.data.coffee()` and others would look at the network."""
    folder = Path(skimage.data.__file__).parent
    return lambda name: np.asarray(Image.open(folder / name).convert("RGB"))
