"""Likely mislabelled images: by hand, and against cleanlab."""

import pytest
import torch
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_normalized_margin_for_each_label

from core.inspection.mislabelled import (
    confident_classes,
    confident_joint,
    likely_mislabelled,
    normalised_margin,
    thresholds,
)
from core.inspection.predictions import Predictions


def noisy(seed: int, n: int = 800, k: int = 5) -> Predictions:
    """A fair network on labels of which a tenth was changed by lot."""
    generator = torch.Generator().manual_seed(seed)
    true = torch.randint(0, k, (n,), generator=generator)
    logits = torch.randn(n, k, generator=generator) + 2.5 * torch.nn.functional.one_hot(true, k)
    labels = true.clone()
    wrong = torch.rand(n, generator=generator) < 0.1
    labels[wrong] = torch.randint(0, k, (int(wrong.sum()),), generator=generator)
    return Predictions(logits, labels)


def test_a_small_case_by_hand() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6], [0.1, 0.9]])
    found = Predictions(probabilities.log(), torch.tensor([0, 0, 0, 1, 1]))
    # class 0: (0.9 + 0.7 + 0.2) / 3 = 0.6; class 1: (0.6 + 0.9) / 2 = 0.75
    assert thresholds(found).tolist() == pytest.approx([0.6, 0.75])
    # image 3 reaches neither 0.6 for class 0 (0.4) nor 0.75 for class 1 (0.6)
    assert confident_classes(found).tolist() == [0, 0, 1, -1, 1]
    assert confident_joint(found).tolist() == [[2, 1], [0, 1]]
    assert normalised_margin(found).tolist() == pytest.approx([0.8, 0.4, -0.6, 0.2, 0.8])
    assert likely_mislabelled(found).tolist() == [2]


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_cleanlab(seed: int) -> None:
    found = noisy(seed)
    labels, probabilities = found.labels.numpy(), found.probabilities.double().numpy()
    assert thresholds(found).numpy() == pytest.approx(
        get_confident_thresholds(labels, probabilities), abs=1e-6
    )
    assert normalised_margin(found).numpy() == pytest.approx(
        2 * get_normalized_margin_for_each_label(labels, probabilities) - 1, abs=1e-6
    )  # cleanlab's is moved to 0–1
    assert (
        confident_joint(found).numpy() == compute_confident_joint(labels, probabilities, calibrate=False)
    ).all()
    theirs = find_label_issues(
        labels,
        probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    assert len(theirs) > 20
    assert likely_mislabelled(found).tolist() == theirs.tolist()


def test_it_finds_the_labels_that_were_changed() -> None:
    generator = torch.Generator().manual_seed(1)
    true = torch.randint(0, 4, (500,), generator=generator)
    logits = torch.randn(500, 4, generator=generator) + 8 * torch.nn.functional.one_hot(true, 4)
    labels = true.clone()
    labels[:25] = (labels[:25] + 1) % 4
    found = likely_mislabelled(Predictions(logits, labels))
    assert sorted(found.tolist()) == list(range(25))


def test_a_class_without_images_is_no_obstacle() -> None:
    found = Predictions(torch.randn(20, 3), torch.zeros(20, dtype=torch.int64))
    assert thresholds(found)[1:].tolist() == [1.0, 1.0]
    assert likely_mislabelled(found).tolist() == []
