"""A fault of PyTorch that ends the process: networks that have it are trained in another memory format."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from core.training.layout import lay_out, layout

CPU = torch.device("cpu")
# the loop with a network that begins with such a convolution
TRAIN = """
import sys, torch
from core.data.batches import Batches
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.networks.build import build
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import TrainingConfig
from core.training.layout import layout
from core.training.loop import train
spec = NetworkSpec("narrow", (
    layer("Conv2d", out_channels=4, kernel=3, padding=1),
    layer("Conv2d", out_channels=8, kernel=1, stride=2),
    layer("Flatten"),
    layer("Linear", out_features=10),
))
model = build(spec, (1, 12, 12))
images = LabelledImages(torch.randint(0, 256, (640, 1, 12, 12), dtype=torch.uint8), torch.arange(640) % 10)
lies = layout(model, torch.device("cpu")) if sys.argv[1] == "safe" else torch.channels_last
batches = Batches(images, Normalisation.of(images.pixels), 64, layout=lies)
for event in train(model, batches, batches, TrainingConfig(epochs=10, device="cpu", precision="float32")):
    pass
print(type(event).__name__, event.reason)
"""


def trained(how: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, since the system may end it, computing as CPUs without AVX-512 do."""
    return subprocess.run(
        [sys.executable, "-c", TRAIN, how],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("module", "safe"),
    [
        (nn.Conv2d(4, 8, 1, stride=2), False),
        (nn.Conv2d(7, 8, 1, stride=3), False),
        (nn.Conv2d(8, 8, 1, stride=2), True),
        (nn.Conv2d(4, 8, 1), True),
        (nn.Conv2d(4, 8, 3, stride=2), True),
        (nn.Linear(4, 8), True),
    ],
)
def test_only_networks_with_the_fault_lie_otherwise(module: nn.Module, safe: bool) -> None:
    expected = torch.channels_last if safe else torch.contiguous_format
    assert layout(nn.Sequential(nn.ReLU(), module), CPU) is expected


def test_such_a_network_is_trained_to_its_end() -> None:
    done = trained("safe")
    assert (done.returncode, done.stdout.split()) == (0, ["Finished", "completed"]), done.stderr


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="the fault is that of x86's AVX2",
)
def test_the_fault_is_still_there() -> None:
    """When this fails, PyTorch is mended and `core.training.layout` can go."""
    assert trained("channels_last").returncode < 0


def maps_then_flatten(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 64, 3)
    )


def gradient_before_flatten(model: nn.Sequential, images: torch.Tensor) -> torch.Tensor:
    """What the layer before the Flatten of `model` gets back."""
    seen: list[torch.Tensor] = []

    def watch(_flatten: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        inputs[0].register_hook(seen.append)  # after the hooks that are there

    hook = model[3].register_forward_pre_hook(watch)
    model(images).square().sum().backward()
    hook.remove()
    return seen[0]


def test_gradients_behind_a_flatten_lie_as_the_maps_do() -> None:
    images = torch.randn(5, 1, 8, 8)
    usual = gradient_before_flatten(maps_then_flatten().to(memory_format=torch.channels_last), images)
    assert usual.is_contiguous()  # where PyTorch itself keeps the order, `lay_out` is not needed any more
    model = lay_out(maps_then_flatten(), torch.channels_last)
    kept = gradient_before_flatten(model, images.contiguous(memory_format=torch.channels_last))
    assert kept.is_contiguous(memory_format=torch.channels_last) and not kept.is_contiguous()
    torch.testing.assert_close(kept, usual)


@pytest.mark.parametrize("form", [torch.channels_last, torch.contiguous_format])
def test_the_gradients_are_the_same_in_both_layouts(form: torch.memory_format) -> None:
    images, labels = torch.randn(6, 1, 8, 8), torch.arange(6) % 3
    plain, laid = maps_then_flatten(), lay_out(lay_out(maps_then_flatten(), form), form)
    for model, given in ((plain, images), (laid, images.contiguous(memory_format=form))):
        nn.functional.cross_entropy(model(given), labels).backward()
    for here, there in zip(laid.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(here.grad, there.grad)
    assert len(laid[3]._forward_pre_hooks) == (form is torch.channels_last)  # also where it is laid out twice


def test_a_copy_is_laid_out_too() -> None:
    model = copy.deepcopy(lay_out(maps_then_flatten(), torch.channels_last))
    images = torch.randn(5, 1, 8, 8).contiguous(memory_format=torch.channels_last)
    assert gradient_before_flatten(model, images).is_contiguous(memory_format=torch.channels_last)
