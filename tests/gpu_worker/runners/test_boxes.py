import torch

from gpu_worker.runners.boxes import suppress


def test_a_box_that_is_no_number_keeps_no_repeats_of_others():
    boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 10, 10], [float("nan")] * 4])
    kept = suppress(boxes, torch.tensor([0.9, 0.8, 0.7]), torch.tensor([0, 0, 1]), overlap=0.5, limit=100)

    assert 0 in kept.tolist()
    assert 1 not in kept.tolist()
