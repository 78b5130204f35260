"""Weights of torchvision in networks of ours: the same features as torchvision's own network computes."""

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model, get_model_weights

from core.networks import edit
from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.gallery.pretrained import mobilenet_v3_small, resnet18, squeezenet1_1
from core.networks.kinds import layer
from core.networks.network import last_linear
from core.networks.pretrained import PRETRAINED, load_into
from core.networks.spec import NetworkSpec, SpecError
from core.networks.weights import PRETRAINED_NAMES
from tests.core.networks.published_weights import publish, published_network

SPECS = {"squeezenet1_1": squeezenet1_1(), "resnet18": resnet18(), "mobilenet_v3_small": mobilenet_v3_small()}
THEIR_HEADS = {"squeezenet1_1": "classifier.1", "resnet18": "fc", "mobilenet_v3_small": "classifier.3"}


def reaching(model: nn.Module, head: str, images: Tensor) -> Tensor:
    """What reaches the head: (N, features), the mean over all places where the head is a convolution."""
    seen: list[Tensor] = []
    hook = model.get_submodule(head).register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        model(images)
    hook.remove()
    return seen[0].mean(dim=(2, 3)) if seen[0].dim() == 4 else seen[0]


def ours(spec: NetworkSpec, channels: int, file: Path) -> nn.Module:
    torch.manual_seed(1)
    model = build(spec, (channels, 28, 28)).eval()
    load_into(model, PRETRAINED[spec.weights], file)
    return model


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("channels", [3, 1])
def test_the_features_are_those_of_torchvision(name: str, channels: int, tmp_path: Path) -> None:
    """Of colour images; and of grey ones, the same as of the grey image in all three colours."""
    theirs = published_network(name)
    model = ours(SPECS[name], channels, publish(theirs, name, tmp_path))
    images = torch.randn(2, channels, 28, 28, generator=torch.Generator().manual_seed(2))
    enlarged = F.interpolate(images.expand(2, 3, 28, 28), size=(112, 112), mode="bilinear")
    expected = reaching(theirs, THEIR_HEADS[name], enlarged)
    found = reaching(model, last_linear(model)[0], images)
    assert expected.std() > 1e-3  # or else everything would agree
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_the_designs_are_sound(name: str, shape: tuple[int, int, int]) -> None:
    analysis = analyse(SPECS[name], shape)
    assert not analysis.problems
    assert SPECS[name].weights == name


@pytest.mark.parametrize("name", SPECS)
def test_the_designs_have_torchvisions_parameters_and_another_head(name: str) -> None:
    total = get_model_weights(name).DEFAULT.meta["num_params"]
    features = analyse(SPECS[name], (3, 28, 28)).rows[-1].input_shape[0]
    assert analyse(SPECS[name], (3, 28, 28)).parameters == total - 1000 * (features + 1) + 10 * (features + 1)


def test_the_names_are_those_that_a_design_may_have() -> None:
    assert tuple(PRETRAINED) == PRETRAINED_NAMES
    assert set(SPECS) == set(PRETRAINED)


@pytest.mark.parametrize("name", PRETRAINED)
def test_what_is_known_of_a_file_is_what_torchvision_says(name: str) -> None:
    weights = PRETRAINED[name]
    published = get_model_weights(name).DEFAULT
    assert weights.url == published.url
    assert weights.file_name == f"{name}-{weights.sha256_start}.pth"
    assert re.fullmatch(r"[0-9a-f]{8}", weights.sha256_start)
    four_bytes_each = 4 * published.meta["num_params"]
    assert 0.99 * four_bytes_each < weights.bytes < 1.03 * four_bytes_each
    assert 100 * weights.accuracy == pytest.approx(published.meta["_metrics"]["ImageNet-1K"]["acc@1"])


def test_the_head_stays_as_it_was_built(tmp_path: Path) -> None:
    file = publish(published_network("resnet18"), "resnet18", tmp_path)
    _, head = last_linear(ours(SPECS["resnet18"], 1, file))
    torch.manual_seed(1)
    _, expected = last_linear(build(SPECS["resnet18"], (1, 28, 28)))
    assert torch.equal(head.weight, expected.weight)
    assert torch.equal(head.bias, expected.bias)


def test_an_old_file_without_counters_and_in_another_order_is_read_by_its_names(tmp_path: Path) -> None:
    file = publish(published_network("resnet18"), "resnet18", tmp_path)
    expected = ours(SPECS["resnet18"], 1, file).state_dict()
    tensors = {k: v for k, v in torch.load(file).items() if not k.endswith("num_batches_tracked")}
    torch.save(dict(reversed(tensors.items())), file)
    found = ours(SPECS["resnet18"], 1, file).state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


def refusal(spec: NetworkSpec, file: Path, shape: tuple[int, int, int] = (1, 28, 28)) -> str:
    """What is said, after seeing that the model was left as it was."""
    model = build(spec, shape)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(SpecError) as refused:
        load_into(model, PRETRAINED[spec.weights], file)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    return str(refused.value)


def test_a_design_that_was_changed_before_its_head_is_refused(tmp_path: Path) -> None:
    spec = SPECS["squeezenet1_1"]
    file = publish(published_network("squeezenet1_1"), "squeezenet1_1", tmp_path)
    wider = edit.replace_setting(spec, (1,), "out_channels", 65)
    assert refusal(wider, file).startswith(
        "The weights of SqueezeNet 1.1 don't fit this network: conv1.weight is 65 × 1 × 3 × 3 where they have "
        "64 × 1 × 3 × 3. Only the last Linear may differ"
    )
    longer = edit.insert(spec, (len(spec.layers) - 1,), layer("Linear", out_features=64))
    assert "it has 52 tensors before its head where they have 50" in refusal(longer, file)
    shorter = edit.remove(spec, (len(spec.layers) - 5,))  # the last fire module's expansion
    assert "tensors before its head where they have 50" in refusal(shorter, file)
    assert "conv1.weight is 64 × 2 × 3 × 3" in refusal(spec, file, (2, 28, 28))


def test_a_design_that_was_changed_where_nothing_is_learned_is_not(tmp_path: Path) -> None:
    spec = SPECS["squeezenet1_1"]
    file = publish(published_network("squeezenet1_1"), "squeezenet1_1", tmp_path)
    changed = edit.remove(edit.replace_setting(spec, (0,), "scale", 3), (len(spec.layers) - 4,))
    ours(changed, 1, file)


@pytest.mark.parametrize(
    "content",
    [b"", b"an error page", "another network", "no tensors"],
    ids=str,
)
def test_a_file_that_holds_something_else_is_named(content: bytes | str, tmp_path: Path) -> None:
    file = PRETRAINED["squeezenet1_1"].path(tmp_path)
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(get_model("resnet18").state_dict() if content == "another network" else [1], file)
    assert refusal(SPECS["squeezenet1_1"], file).startswith(
        f"{file.name} does not hold the weights of SqueezeNet 1.1 ("
    )


def test_a_file_can_run_no_program(tmp_path: Path) -> None:
    class Program:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "it ran",)

    file = PRETRAINED["squeezenet1_1"].path(tmp_path)
    torch.save({"features.0.weight": Program()}, file)
    assert "does not hold the weights" in refusal(SPECS["squeezenet1_1"], file)
    assert not (tmp_path / "it ran").exists()
