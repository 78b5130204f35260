import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from core.inspection.projection import NoMapError, inside, neighbours_kept, principal_components


def cloud(n: int, d: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    scales = torch.linspace(3, 0.5, d)
    return torch.randn(n, d, generator=generator) * scales + 5


def test_by_hand() -> None:
    # centred: (−2, 0), (2, 0), (0, 1), (0, −1): variances 8 and 2, so 80 and 20 %
    found = principal_components(torch.tensor([[-1.0, 3.0], [3.0, 3.0], [1.0, 4.0], [1.0, 2.0]]))
    assert found.explained == pytest.approx((0.8, 0.2))
    torch.testing.assert_close(found.points, torch.tensor([[-2.0, 0], [2, 0], [0, 1], [0, -1]]))
    assert "80.0 and 20.0 % of it, 100.0 % together" in found.sentence()


@pytest.mark.parametrize(("n", "d"), [(300, 20), (40, 100), (50, 3), (5, 4)])
def test_it_agrees_with_scikit_learn(n: int, d: int) -> None:
    features = cloud(n, d)
    truth = PCA(2, svd_solver="full").fit(features.double().numpy())
    found = principal_components(features)
    assert found.explained == pytest.approx(truth.explained_variance_ratio_.tolist(), rel=1e-4)
    expected = truth.transform(features.double().numpy())
    expected *= np.sign((expected * found.points.numpy()).sum(axis=0))  # either direction of an axis will do
    assert np.allclose(found.points.numpy(), expected, atol=1e-3)


def test_the_same_points_give_the_same_picture() -> None:
    assert torch.equal(principal_components(cloud(50, 9)).points, principal_components(cloud(50, 9)).points)


def test_one_dimension_lies_on_a_line() -> None:
    found = principal_components(torch.tensor([[1.0], [2.0], [6.0]]))
    assert found.points[:, 1].tolist() == [0, 0, 0]
    assert found.explained == pytest.approx((1.0, 0.0))


@pytest.mark.parametrize(
    ("features", "why"),
    [
        (torch.zeros(5, 3), "same numbers"),
        (torch.zeros(2, 3), "at least 3"),
        (torch.tensor([[1.0], [float("nan")], [2.0]]), "diverged"),
    ],
)
def test_what_has_no_map_is_refused(features: torch.Tensor, why: str) -> None:
    with pytest.raises(NoMapError, match=why):
        principal_components(features)


def test_neighbours_kept_agrees_with_scikit_learn() -> None:
    features = cloud(200, 6)
    points = principal_components(features).points

    def nearest(of: torch.Tensor) -> np.ndarray:
        return NearestNeighbors(n_neighbors=10).fit(of.numpy()).kneighbors(return_distance=False)

    both = zip(nearest(features), nearest(points), strict=True)
    truth = np.mean([len(set(a) & set(b)) / 10 for a, b in both])
    assert neighbours_kept(features, points) == pytest.approx(truth)
    assert neighbours_kept(points, points) == 1.0


def test_the_points_in_a_rectangle() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5], [1.0, -1.0]])
    assert inside(points, (0.0, 1.0), (0.0, 1.0)).tolist() == [0, 1]
    assert inside(points, (2.5, 0.5), (2.0, 0.2)).tolist() == [1, 2]  # drawn from the other corner
    assert inside(points, (5.0, 6.0), (0.0, 1.0)).tolist() == []
