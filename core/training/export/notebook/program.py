"""The code cells before and after the training: only what this run's settings need."""

from __future__ import annotations

import inspect
import textwrap

from core.data import catalogue
from core.data.batches import EVALUATION_BATCH, MEMORY_FORMATS
from core.data.resizing import LUMA
from core.networks.source import pytorch
from core.networks.weights import PRETRAINED_NAMES
from core.training import easy_images, whitening
from core.training.config import DataChoice
from core.training.export.notebook import augmentation, plots
from core.training.export.notebook.sources import sources
from core.training.export.notebook.subject import Subject

TORCHVISION = {  # data sets that torchvision has, unchanged: key of DATASETS → its class
    "fashion-mnist": "FashionMNIST",
}


def imports(subject: Subject, code: str) -> str:
    """The first cell: what the others, whose text is `code`, need."""
    lines = [f"import {module}" for module in ("copy", "math", "time") if f"{module}." in code]
    names = ["Callable"] if "Callable" in code else []
    lines += [
        f"from collections.abc import {', '.join([*names, 'Sequence'])}",
        *(["from pathlib import Path"] if "Path(" in code else []),
        "",
        "import matplotlib.pyplot as plt",
        "import numpy as np",
        "import torch",
        "from matplotlib.axes import Axes",
        "from torch import nn",
        "from torch.nn import functional as F",
    ]
    if subject.data.dataset in TORCHVISION:
        lines.append(f"from torchvision.datasets import {TORCHVISION[subject.data.dataset]}")
    return "\n".join(lines)


def settings(subject: Subject) -> str:
    """The settings that are not what everybody has, a line each."""
    config, data = subject.config, subject.data
    drawn = f"of the first weights, the order of the images{', augmentation' if data.augmentation else ''} and dropout"
    lines = [
        ("SPLIT_SEED", data.split_seed, "which images are for validation", True),
        ("VALIDATION_SHARE", data.validation_share, "of the data set's training images", True),
        ("SHARE", data.share, "of the rest, to train on", data.share < 1),
        ("SEED", config.seed, drawn, True),
        ("EPOCHS", config.epochs, "passes over the training images", True),
        ("SECONDS", config.seconds, "after which the run ends, too", config.seconds is not None),
        ("LAST_STEP", subject.last_step, "where the run was stopped", subject.last_step is not None),
        ("BATCH_SIZE", config.batch_size, "images a step", True),
        ("LEARNING_RATE", config.learning_rate, "at its peak" if subject.rate_moves else "", True),
        ("WARM_UP", subject.warm_up, "share of the run in which the rate rises", subject.warm_up > 0),
        ("WEIGHT_DECAY", config.weight_decay, "as the optimizer defines it", config.weight_decay > 0),
        ("L1", config.l1, "times the sum of all |w|, added to the loss", config.l1 > 0),
        ("LABEL_SMOOTHING", config.label_smoothing, "share of the target for all classes", config.label_smoothing > 0),
        ("CLIP_NORM", config.clip_norm, "the longest gradient, over all weights", config.clip_norm > 0),
        ("FIRST_LEARNS", config.first_learns, "share of the run in which the first layer learns", subject.freezes),
        ("EASY", easy_images.EASY, "share of the images: those with the smallest losses", subject.leaves_out),
        ("EASY_SEEN", config.easy_seen, "share of the passes in which an easy image is seen", subject.leaves_out),
        ("PATIENCE", config.patience, "epochs without a lower validation loss", subject.patience > 0),
    ]  # fmt: skip
    texts = [
        f"{name} = {value!r}" + (f"  # {note}" if note else "") for name, value, note, used in lines if used
    ]
    for name, setting, note in (
        ("RATES", "learning_rate", "the learning rate from then on"),
        ("DECAYS", "weight_decay", "the weight decay from then on"),
        ("SIZES", "batch_size", "the batch size from then on"),
    ):
        if changes := subject.changed(setting):
            whole = (
                {step: int(value) for step, value in changes.items()} if setting == "batch_size" else changes
            )
            texts.append(f"{name} = {whole}  # changed while it ran: step → {note}")
    texts += augmentation.settings(subject)
    classes = textwrap.fill(", ".join(map(repr, subject.dataset.classes)), 90, break_long_words=False)
    texts += ["CLASSES = (", textwrap.indent(classes + ",", "    "), ")", "", _device(subject)]
    return "\n".join(texts)


def _device(subject: Subject) -> str:
    wanted = subject.config.device
    if not subject.channels_last:
        found = 'torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")'
        return (
            f"device = {found if wanted == 'auto' else f'torch.device({wanted!r})'}\n"
            "# not channels_last: on a CPU, PyTorch can't train this network's smallest convolution so\n"
            "layout = torch.contiguous_format"
        )
    if wanted == "auto":
        kinds = " or ".join(f'device.type == "{kind}"' for kind in MEMORY_FORMATS)
        return (
            'device = torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")\n'
            "# how images lie in memory changes no result but for rounding, and is quicker\n"
            f"layout = torch.channels_last if {kinds} else torch.contiguous_format"
        )
    layout = "channels_last" if wanted in MEMORY_FORMATS else "contiguous_format"
    return f'device = torch.device("{wanted}")\nlayout = torch.{layout}  # how images lie in memory'


_FORMAT = """

def formatted(pixels: torch.Tensor) -> torch.Tensor:
    \"""As the network is to get them: uint8 (N, C, H, W) → ({channels} channels, {side} × {side}).\"""
    pixels = pixels.float(){luma}
    pixels = torch.nn.functional.interpolate(pixels, size=({side}, {side}), mode="bilinear", antialias=True)
    return pixels.round().clamp(0, 255).to(torch.uint8).expand(-1, {channels}, -1, -1)


"""
_TO_GREY = f"""
    pixels = (pixels * torch.tensor({LUMA}).view(3, 1, 1)).sum(1, keepdim=True)  # luma"""


def images(subject: Subject) -> str:
    """All images and labels of the data set, in the format that the network is to get."""
    text = _all_images(subject.data.dataset)
    if subject.data.image is None:
        return text
    return f"{text}{_formatting(subject.data)}pixels, test_pixels = formatted(pixels), formatted(test_pixels)"


def test_images(data: DataChoice) -> str:
    """The test images and labels alone, in the format that the network is to get."""
    name = data.dataset
    if name in TORCHVISION:
        text = (
            f'split = {TORCHVISION[name]}("data", train=False, download=True)\n'
            "test_pixels, test_labels = split.data.unsqueeze(1), split.targets  # uint8 (N, 1, H, W), int64 (N,)"
        )
    else:
        text = (
            f'images = torch.load("{name}.pt", weights_only=True)  # lies beside this notebook\n'
            'test_pixels, test_labels = images["test_pixels"], images["test_labels"]  # uint8 (N, C, H, W), int64 (N,)'
        )
    return text if data.image is None else f"{text}{_formatting(data)}test_pixels = formatted(test_pixels)"


def _formatting(data: DataChoice) -> str:
    assert data.image
    channels, side = data.image
    luma = _TO_GREY if channels < catalogue.record(data.dataset).input_shape[0] else ""
    return _FORMAT.format(channels=channels, side=side, luma=luma)


def _all_images(name: str) -> str:
    if name in TORCHVISION:
        return (
            f'first, second = ({TORCHVISION[name]}("data", train=train, download=True) for train in (True, False))\n'
            "pixels, labels = first.data.unsqueeze(1), first.targets  # uint8 (N, 1, H, W), int64 (N,)\n"
            "test_pixels, test_labels = second.data.unsqueeze(1), second.targets"
        )
    return (
        f'images = torch.load("{name}.pt", weights_only=True)  # lies beside this notebook\n'
        'pixels, labels = images["train_pixels"], images["train_labels"]  # uint8 (N, C, H, W), int64 (N,)\n'
        'test_pixels, test_labels = images["test_pixels"], images["test_labels"]'
    )


_SPLIT = '''\
def split(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions of the training and of the validation images: of each class its share, at random."""
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    training, validation = [], []
    for label in labels.unique():
        members = (labels == label).nonzero().squeeze(1)
        members = members[torch.randperm(len(members), generator=generator)]
        held_out = min(max(round(len(members) * VALIDATION_SHARE), 1), len(members) - 1)
        validation.append(members[:held_out])
        {rest}
    return torch.cat(training).sort().values, torch.cat(validation).sort().values


training, validation = split(labels)
'''
_ALL = "training.append(members[held_out:])"
_SHARE = """rest = members[held_out:]
        training.append(rest[: max(round(len(rest) * SHARE), 1)])"""
_SHUFFLED_LABELS = """
# the training images' labels are dealt out anew, so that there is nothing to learn
labels = labels.clone()
order = torch.randperm(len(training), generator=torch.Generator().manual_seed(SEED))
labels[training] = labels[training][order]
"""
_NORMALISE = '''
# mean and standard deviation of each channel, exactly, from how often each of the 256 levels occurs
levels = torch.arange(256, dtype=torch.float64) / 255
counts = [torch.bincount(channel.flatten(), minlength=256) for channel in pixels[training].transpose(0, 1)]
shares = torch.stack(counts).double() / pixels[training][:, 0].numel()  # (C, 256)
mean = (shares * levels).sum(dim=1)
std = (shares * (levels - mean[:, None]) ** 2).sum(dim=1).sqrt()
print("mean", [round(m, 4) for m in mean.tolist()], "standard deviation", [round(s, 4) for s in std.tolist()])
mean, std = (values.float().view(-1, 1, 1).to(device) for values in (mean, std))


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """(x / 255 − mean) / std: uint8 (N, C, H, W) → float32 (N, C, H, W)."""
    images = torch.addcmul(-mean / std, pixels.float(), 1 / (255 * std))  # offset + x · scale
    return images.contiguous(memory_format=layout)


train_pixels, train_labels = pixels[training].to(device), labels[training].to(device)
validation_pixels, validation_labels = pixels[validation].to(device), labels[validation].to(device)
test_pixels, test_labels = test_pixels.to(device), test_labels.to(device)
print(f"{len(train_labels):,} training, {len(validation_labels):,} validation and {len(test_labels):,} test images")'''


def preparation(subject: Subject) -> str:
    """The splits, the normalisation, and all images on the device."""
    text = _SPLIT.replace("{rest}", _SHARE if subject.data.share < 1 else _ALL)
    if subject.data.shuffled_labels:
        text += _SHUFFLED_LABELS
    return text + _NORMALISE


def network(subject: Subject) -> str:
    """The network with its first weights, on the device."""
    program = pytorch.definition(subject.network, fetch=True)
    whitened = subject.config.whitened and not subject.start
    return (
        f"torch.manual_seed(SEED)\n\n{program}\n"
        "model.to(device, memory_format=layout)\n"
        'print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters")'
    ) + (_WHITENED if whitened else "")


_WHITENED = "\n\n\n".join(
    [
        "",
        *sources((whitening.enough, whitening.patches, whitening.kernels)),
        f"""\
VALUES, MOST_IMAGES = {whitening.VALUES}, {whitening.MOST_IMAGES}  # of which the components are computed
SMALLEST = {whitening.SMALLEST}  # added to each variance, so that what is hardly there is not blown up into noise

# the first convolution begins with the most frequent patterns of the training images, and with their negatives
layer = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
several = torch.randperm(len(train_labels), generator=torch.Generator().manual_seed(0))
several = several[: enough(layer, *train_pixels.shape[2:])].sort().values
found = kernels(patches(layer, normalised(train_pixels[several])), layer.out_channels // 2)
with torch.no_grad():
    layer.weight[: 2 * len(found)] = torch.cat((found, -found)).unflatten(1, layer.weight.shape[1:])""",
    ]
)


def fetches_weights(subject: Subject) -> bool:
    """Whether it begins with weights that others have trained."""
    return subject.run.request.network.weights in PRETRAINED_NAMES and not subject.start


def start(name: str) -> str:
    """The weights of a fork's beginning, from the file `name`."""
    return f"""\
if not Path("{name}").is_file():
    raise FileNotFoundError(
        "{name} does not lie beside this notebook: the app gives it as “Start of the fork” where it gave the notebook."
    )
start = torch.load("{name}", weights_only=True)
model.load_state_dict(start["model"])"""


EVALUATION = f'''\
@torch.inference_mode()
def evaluate(pixels: torch.Tensor, labels: torch.Tensor) -> tuple[float, torch.Tensor]:
    """The mean loss, and the confusion matrix: [true class][predicted class]."""
    model.eval()
    losses, pairs = [], []
    for x, y in zip(pixels.split({EVALUATION_BATCH}), labels.split({EVALUATION_BATCH})):
        logits = model(normalised(x))
        losses.append(F.cross_entropy(logits, y, reduction="sum").double())
        pairs.append(y * len(CLASSES) + logits.argmax(dim=1))
    counts = torch.bincount(torch.cat(pairs).cpu(), minlength=len(CLASSES) ** 2)
    return (sum(losses) / len(labels)).item(), counts.view(len(CLASSES), len(CLASSES))


def accuracy(counts: torch.Tensor) -> float:
    return counts.diagonal().sum().item() / counts.sum().item()'''

CURVES_SIZE, CONFUSION_SIZE = (11, 4), (6.5, 6)  # inches

CURVES = f"""\
{inspect.getsource(plots.draw_curves)}

figure, axes = plt.subplots(1, 2, figsize={CURVES_SIZE}, layout="constrained")
draw_curves(axes, running, looks)
plt.show()"""

CONFUSION = f"""\
{inspect.getsource(plots.draw_confusion)}

_, counts = evaluate(validation_pixels, validation_labels)
figure, axis = plt.subplots(figsize={CONFUSION_SIZE}, layout="constrained")
draw_confusion(axis, counts.tolist(), CLASSES)
plt.show()"""

TEST = """\
loss, counts = evaluate(test_pixels, test_labels)
print(f"test loss {loss:.4f}, test accuracy {accuracy(counts):.2%} on {len(test_labels):,} images")"""
