"""The notebook's code cells, each with what the run showed as its output."""

from __future__ import annotations

import base64
import inspect
import textwrap

import nbformat.v4 as notebooks
import numpy as np
from nbformat import NotebookNode

from core.figures.images import DIVERGING, SEQUENTIAL
from core.figures.report import plain
from core.figures.report.captum_code import PLAIN, blurring, function_name
from core.figures.report.recomputed import Recomputed
from core.inspection.attribution import METHODS
from core.networks.source import pytorch
from core.training.export import EXPORTS
from core.training.export.notebook import plots, program, results

EVALUATION_BATCH = 100  # images at once
CONFUSION_SIZE = (6.5, 6)  # inches
SIDE = 2.1  # inches of a map with its title


def needs(run: Recomputed) -> str:
    """What must lie beside the notebook, in Markdown."""
    dataset = run.looked.run.request.data.dataset
    weights = EXPORTS["state-dict"].file_name(run.looked.run)
    images = (
        "torchvision fetches the images into the folder `data`"
        if dataset in program.TORCHVISION
        else f"the images are read from `{dataset}.pt`, which the app gives beside this notebook, too"
    )
    captum = ", `captum`" if run.maps else ""
    return (
        f"What stands below was computed by the app. The code computes it again, in plain PyTorch, with the weights of "
        f"run {run.looked.run.number}: put the file `{weights}`, which the app gives beside this notebook, into the "
        f"same folder; {images}. It needs `torch`, `torchvision`, `matplotlib`{captum}."
    )


def preparation(run: Recomputed) -> list[NotebookNode]:
    """Imports; the network with its weights; the test images, and what it says of them."""
    return [
        notebooks.new_code_cell(_imports(run)),
        notebooks.new_code_cell(_network(run)),
        notebooks.new_code_cell(_predictions(run), outputs=[_printed(_recognised(run))]),
    ]


def _imports(run: Recomputed) -> str:
    dataset = run.looked.run.request.data.dataset
    lines = [
        "from collections.abc import Mapping, Sequence",
        "",
        "import matplotlib.pyplot as plt",
        "import numpy as np",
    ]
    lines.append("import torch")
    if run.maps:
        names = sorted({name for method in run.methods for name in PLAIN[method].classes})
        lines.append(f"from captum.attr import {', '.join(names)}")
    lines += ["from matplotlib.axes import Axes"]
    if run.maps:
        lines.append("from matplotlib.colors import LinearSegmentedColormap")
    lines += ["from torch import nn", "from torch.nn import functional as F"]
    if dataset in program.TORCHVISION:
        lines.append(f"from torchvision.datasets import {program.TORCHVISION[dataset]}")
    if _blurs(run):
        lines.append("from torchvision.transforms.functional import gaussian_blur")
    return "\n".join(lines)


def _blurs(run: Recomputed) -> bool:
    return any(each.settings.get("baseline") == "blurred" for each in run.methods.values())


def _network(run: Recomputed) -> str:
    classes = textwrap.fill(", ".join(map(repr, run.looked.classes)), 90, break_long_words=False)
    weights = EXPORTS["state-dict"].file_name(run.looked.run)
    return (
        f"CLASSES = (\n{textwrap.indent(classes + ',', '    ')}\n)\n\n"
        f"{pytorch.definition(run.network)}\n"
        f'model.load_state_dict(torch.load("{weights}", weights_only=True))  # lies beside this notebook\n'
        "model = model.eval()"
    )


def _predictions(run: Recomputed) -> str:
    return f'''\
{program.test_images(run.looked.run.request.data)}

mean = torch.tensor({list(run.mean)}).view(-1, 1, 1)  # of the training images, channel by channel
std = torch.tensor({list(run.std)}).view(-1, 1, 1)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """(x / 255 − mean) / std: grey levels 0–255 → what the network gets."""
    return pixels.float().mul(1 / (255 * std)).sub(mean / std)


with torch.inference_mode():
    logits = torch.cat([model(normalised(some)) for some in test_pixels.split({EVALUATION_BATCH})])
predicted = logits.argmax(dim=1)
pairs = test_labels * len(CLASSES) + predicted
counts = torch.bincount(pairs, minlength=len(CLASSES) ** 2)
counts = counts.view(len(CLASSES), len(CLASSES))  # rows true, columns predicted
right = int(counts.diagonal().sum())
print(f"{{right:,}} of {{len(predicted):,}} test images are recognised: {{right / len(predicted):.2%}}")'''


def _recognised(run: Recomputed) -> str:
    right, total = run.looked.report.correct, run.looked.report.total
    return f"{right:,} of {total:,} test images are recognised: {right / total:.2%}"


def classes(run: Recomputed) -> NotebookNode:
    """Precision, recall and F1 of each class."""
    counts = run.looked.matrix.counts.tolist()
    code = f"{inspect.getsource(plain.class_lines)}\n\nprint(class_lines(counts.tolist(), CLASSES))"
    return notebooks.new_code_cell(code, outputs=[_printed(plain.class_lines(counts, run.looked.classes))])


def confusion(run: Recomputed) -> NotebookNode:
    """The confusion matrix as a picture."""
    counts = run.looked.matrix.counts.tolist()
    code = (
        f"{inspect.getsource(plots.draw_confusion)}\n\n"
        f'figure, axis = plt.subplots(figsize={CONFUSION_SIZE}, layout="constrained")\n'
        "draw_confusion(axis, counts.tolist(), CLASSES)\nplt.show()"
    )
    drawn = results.png(
        CONFUSION_SIZE, 1, lambda axes: plots.draw_confusion(axes[0], counts, run.looked.classes)
    )
    return notebooks.new_code_cell(code, outputs=[_shown(drawn)])


def maps(run: Recomputed) -> NotebookNode | None:
    """The attribution maps; None where plain Captum can make none of them."""
    if not run.maps:
        return None
    names = {method: METHODS[method].name for method in run.methods}
    images = dict.fromkeys(each.image for each in run.maps)
    targets = {each.image: each.target for each in run.maps}
    signed = {names[each.method]: each.trust.original.signed for each in run.methods.values() if each.trust}
    size = (round(SIDE * (1 + len(names)), 1), round(SIDE * len(images), 1))
    table = ", ".join(f'"{name}": {function_name(method)}' for method, name in names.items())
    code = f"""\
{_functions(run)}
TARGETS = {targets}  # place in the test split → the class whose logit is explained
METHODS = {{{table}}}
SIGNED = {signed}  # whether a score may speak against the class
COLOURS = (
    {DIVERGING},
    {SEQUENTIAL},
)
maps = {{}}
for place, target in TARGETS.items():
    for name, method in METHODS.items():
        x = normalised(test_pixels[[place]]).requires_grad_()
        scores = method(x, target).detach()[0].sum(dim=0)  # (H, W)
        maps[place, name] = scores.numpy()
        print(f"image {{place}}, {{name}} for {{CLASSES[target]}}: {{scores.min():.3g}} to {{scores.max():.3g}}")


{inspect.getsource(plain.draw_maps)}

pictures = {{place: test_pixels[place].movedim(0, -1).squeeze(-1).numpy() for place in TARGETS}}
figure, axes = plt.subplots({len(images)}, {1 + len(names)}, figsize={size}, layout="constrained", squeeze=False)
draw_maps(axes.flatten(), pictures, maps, SIGNED, COLOURS)
plt.show()"""
    planes = {(each.image, names[each.method]): each.trust.original.plane for each in run.maps if each.trust}
    pictures = {place: run.looked.pixels[place].movedim(0, -1).squeeze(-1).numpy() for place in images}
    arrays: dict[tuple[int, str], np.ndarray] = {key: plane.numpy() for key, plane in planes.items()}
    lines = [
        f"image {place}, {name} for {run.looked.classes[targets[place]]}: {plane.min():.3g} to {plane.max():.3g}"
        for (place, name), plane in planes.items()
    ]
    drawn = results.png(
        size,
        1 + len(names),
        lambda axes: plain.draw_maps(axes, pictures, arrays, signed, (DIVERGING, SEQUENTIAL)),
        len(images),
    )
    return notebooks.new_code_cell(code, outputs=[_printed("\n".join(lines)), _shown(drawn)])


def _functions(run: Recomputed) -> str:
    texts = [blurring(run.around.input_shape)] if _blurs(run) else []
    for method, exhibit in run.methods.items():
        body = PLAIN[method].body(exhibit.settings, run.around)
        texts.append(
            f"def {function_name(method)}(x: torch.Tensor, target: int) -> torch.Tensor:\n"
            + textwrap.indent(body, "    ")
        )
    return "\n\n\n".join(texts) + "\n\n"


def _printed(text: str) -> NotebookNode:
    return notebooks.new_output("stream", text=text + "\n")


def _shown(picture: bytes) -> NotebookNode:
    data = {"image/png": base64.b64encode(picture).decode(), "text/plain": "<Figure>"}
    return notebooks.new_output("display_data", data=data)
