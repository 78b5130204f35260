import torch

from core.inspection.projection import neighbours_kept
from core.inspection.tsne import TsneJob


def groups(each: int = 60, seed: int = 0) -> torch.Tensor:
    """Three groups far apart in ten dimensions."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.eye(10)[:3] * 30
    return torch.cat([centre + torch.randn(each, 10, generator=generator) for centre in centres])


def test_groups_stay_together_and_neighbours_are_kept() -> None:
    features = groups()
    job = TsneJob(features)
    job.join(300)
    assert job.refusal == "" and job.result is not None
    assert job.result.shape == (180, 2) and bool(job.result.isfinite().all())
    nearest = torch.cdist(job.result, job.result).fill_diagonal_(torch.inf).argmin(dim=1)
    assert torch.equal(nearest // 60, torch.arange(180) // 60)  # everybody's neighbour is of their own group
    assert neighbours_kept(features, job.result) > 0.4
    assert job.progress.done == 1.0


def test_the_same_seed_gives_the_same_map() -> None:
    first, second = TsneJob(groups()), TsneJob(groups())
    first.join(300)
    second.join(300)  # it waits for the first
    assert first.result is not None and second.result is not None
    assert torch.equal(first.result, second.result)


def test_it_can_be_stopped() -> None:
    job = TsneJob(groups(2000))
    job.stop()
    job.join(300)
    assert job.ended and job.result is None
    assert job.refusal == "It was stopped."
    after = TsneJob(groups(5))  # the turn was given back
    after.join(300)
    assert after.result is not None


def test_what_has_no_map_is_told() -> None:
    job = TsneJob(torch.ones(50, 4))
    job.join(300)
    assert "the same numbers of every image" in job.refusal
