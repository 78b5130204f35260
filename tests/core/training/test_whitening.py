"""Whitened first kernels: what they do to patches, where they can't be, and that a run begins with them."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data import catalogue
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, SpecError
from core.networks.weights import PRETRAINED_NAMES
from core.training import whitening
from core.training.config import RunRequest
from core.training.setup import set_up
from tests.core.training.conftest import batches, images


def correlated(count: int = 4000) -> torch.Tensor:
    """Patches (n, 6) whose values depend on each other, with variances from 25 down to 0.01."""
    generator = torch.Generator().manual_seed(0)
    mixing, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    deviations = torch.tensor([5.0, 2.0, 1.0, 0.5, 0.3, 0.1])
    return torch.randn(count, 6, generator=generator) * deviations @ mixing


def test_what_the_kernels_give_is_uncorrelated_with_the_variance_of_the_formula() -> None:
    patches = correlated()
    found = patches @ whitening.kernels(patches, 6).T
    moments = found.T @ found / len(patches)
    # by the formula λ / (λ + ε), with λ from the singular values of the patches, not from their moments
    variances = torch.linalg.svdvals(patches) ** 2 / len(patches)
    torch.testing.assert_close(moments, torch.diag(variances / (variances + 1e-2)), atol=1e-4, rtol=0)
    assert 0.4 < moments[-1, -1] < 0.6  # the rarest pattern is not blown up: λ is as small as ε


def test_fewer_are_the_most_frequent_ones_and_point_the_same_way_each_time() -> None:
    patches = correlated()
    all_of_them = whitening.kernels(patches, 6)
    assert torch.equal(whitening.kernels(patches, 2), all_of_them[:2])
    assert (all_of_them.gather(1, all_of_them.abs().argmax(dim=1, keepdim=True)) > 0).all()


def test_the_second_half_are_negatives_and_kernels_left_over_stay() -> None:
    some = batches(images(40), 16)
    model = nn.Sequential(nn.Conv2d(1, 11, 2), nn.Flatten(), nn.LazyLinear(10))
    before = model[0].weight.detach().clone()
    whitening.begin_whitened(model, some)
    weight = model[0].weight.detach()
    torch.testing.assert_close(weight[4:8], -weight[:4])  # a patch of 2 × 2 has four components
    assert torch.equal(weight[8:], before[8:]) and not torch.equal(weight[:8], before[:8])
    # brute force: the first output over all places of the same images has nearly variance 1
    pixels, _ = next(some.in_order())
    assert F.conv2d(pixels, weight[:1]).pow(2).mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("kernel", [1, 3, 28])
def test_every_size_of_kernel_can_begin_so(kernel: int) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, kernel))
    whitening.begin_whitened(model, batches(images(40), 16))
    assert model[0].weight.isfinite().all()


def test_a_run_begins_with_them_and_a_resumed_one_does_not(
    silhouettes: Path, request_small: RunRequest
) -> None:
    request = replace(request_small, config=replace(request_small.config, whitened=True))
    dataset = catalogue.load("silhouettes")
    whitened, again = (set_up(request, dataset).model for _ in range(2))
    resumed = set_up(request, dataset, resumes=True).model
    plain = set_up(request_small, dataset).model
    first = [next(iter(model.parameters())) for model in (whitened, again, resumed, plain)]
    assert torch.equal(first[0], first[1]) and torch.equal(first[2], first[3])
    assert not torch.equal(first[0], first[3])
    rest = [list(model.state_dict().values())[1:] for model in (whitened, plain)]
    assert all(torch.equal(one, other) for one, other in zip(*rest, strict=True))


def test_a_network_that_begins_otherwise_is_refused_before_it_starts(request_small: RunRequest) -> None:
    config = replace(request_small.config, whitened=True)
    request = replace(request_small, network=NAMED_NETWORKS["Net_Linear"], config=config)
    (problem,) = request.problems()
    assert "begins with Flatten" in problem and "switch “Whiten the first kernels” off" in problem
    assert replace(request, config=replace(config, whitened=False)).problems() == []
    grouped = NetworkSpec("grouped", (layer("Conv2d", out_channels=6, groups=3),))
    assert "one group" in whitening.refusal(grouped)
    assert whitening.refusal(NAMED_NETWORKS["LeNet"]) == ""
    learned = replace(NAMED_NETWORKS["LeNet"], weights=next(iter(PRETRAINED_NAMES)))
    assert "weights that were learned" in whitening.refusal(learned)
    with pytest.raises(SpecError, match="ordinary convolution"):
        whitening.begin_whitened(build(request.network, (1, 28, 28), 10), batches(images(40), 16))
