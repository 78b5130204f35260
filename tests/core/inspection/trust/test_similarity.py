import pytest
import torch
from scipy.stats import spearmanr

from core.inspection.trust.similarity import C1, shown, spearman, ssim


def plane(seed: int, size: int = 16) -> torch.Tensor:
    return torch.rand(size, size, generator=torch.Generator().manual_seed(seed))


def test_rank_correlation_is_scipys_also_with_ties() -> None:
    a, b = plane(0), (plane(0) + plane(1)).mul(4).round()
    assert spearman(a, b) == pytest.approx(spearmanr(a.flatten(), b.flatten()).statistic, abs=1e-6)
    assert spearman(a, a**3) == pytest.approx(1)  # the order is all that counts
    assert spearman(a, -a) == pytest.approx(-1)
    assert spearman(a, torch.ones(16, 16)) == 0


def test_structural_similarity_by_hand() -> None:
    a = plane(0)
    assert ssim(a, a) == pytest.approx(1)
    # of constant planes only the light is left: (2ab + C₁) / (a² + b² + C₁)
    light = (2 * 0.2 * 0.6 + C1) / (0.2**2 + 0.6**2 + C1)
    flat = torch.full((16, 16), 0.2), torch.full((16, 16), 0.6)
    assert ssim(*flat) == pytest.approx(light, abs=1e-3)
    assert ssim(a, 1 - a) < 0 < ssim(a, a + 0.1 * plane(1)) < 1
    assert ssim(a[:5, :5], a[:5, :5]) == pytest.approx(1)  # smaller than the window


def test_a_map_is_compared_as_it_is_looked_at() -> None:
    assert shown(torch.tensor([[-4.0, 2.0]])).tolist() == [[1.0, 0.5]]
    assert shown(torch.zeros(1, 2)).tolist() == [[0.0, 0.0]]
