from dataclasses import replace
from uuid import uuid4

from apps.predictions.services.runs import Weights
from gpu_worker.artefacts import key_of


def test_the_same_weights_for_another_size_of_input_are_another_model():
    small = Weights(uuid4(), "tiny_fcos", "org/x/blob", "0" * 64, ("cup", "cat"), 256)

    assert key_of(replace(small, version_id=uuid4(), path="org/y/blob")) == key_of(small)
    assert key_of(replace(small, input_size=512)) != key_of(small)
