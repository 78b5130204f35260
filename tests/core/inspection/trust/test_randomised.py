"""The cascade of random weights: which layers change, and that a map follows them."""

import torch

from core.inspection.anatomy import anatomy
from core.inspection.question import Question
from core.inspection.trust.check import check
from core.inspection.trust.randomised import MOST_STAGES, cascade, stages
from core.networks.build import build
from core.networks.gallery import GALLERY
from tests.core.inspection.small_networks import SHIFTED, convolutional, image, linear


def changed(before: torch.nn.Module, after: torch.nn.Module) -> list[str]:
    new = after.state_dict()
    return sorted(
        {
            name.rsplit(".", 1)[0]
            for name, old in before.state_dict().items()
            if not torch.equal(old, new[name])
        }
    )


def test_layers_go_from_the_output_down_and_the_model_stays() -> None:
    model = convolutional()
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    found = list(cascade(model, anatomy(model, torch.zeros(1, 12, 12))))
    assert [name for name, _ in found] == ["9", "4", "0"]
    assert [changed(model, copy) for _, copy in found] == [["9"], ["4", "9"], ["0", "1", "4", "9"]]
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in kept.items())
    # what came before stays the same random numbers
    assert torch.equal(found[0][1][9].weight, found[2][1][9].weight)
    assert found[2][1][1].running_mean.eq(0).all() and found[2][1][1].weight.eq(1).all()


def test_random_weights_neither_depend_on_the_shared_random_numbers_nor_take_any() -> None:
    model, weights = convolutional(), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        *_, (_, copy) = cascade(model, anatomy(model, torch.zeros(1, 12, 12)))
        weights.append(copy[0].weight)
        assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(*weights)


def test_of_a_deep_network_some_stages_are_looked_at_with_both_ends() -> None:
    model = build(GALLERY["ResNet-18"].spec, (1, 28, 28)).eval()
    names = stages(anatomy(model, torch.zeros(1, 28, 28)))
    assert len(names) == MOST_STAGES
    assert names[0].startswith("linear") and names[-1].startswith("conv1")


def test_the_map_of_a_linear_network_with_random_weights_is_those_weights() -> None:
    model, _ = linear()
    facts = anatomy(model, torch.zeros(1, 4, 4))
    ((_, copy),) = cascade(model, facts)
    *_, trust = check(Question(model, image(), SHIFTED, 1, "saliency"), facts, [0])
    (variant,) = trust.randomised
    torch.testing.assert_close(variant.found.scores, copy[1].weight[1].abs().reshape(1, 4, 4).detach())
    assert abs(variant.spearman) < 0.6
