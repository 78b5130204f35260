"""The notebook's training loop: plain PyTorch, with no line that this run's settings do not need."""

from __future__ import annotations

from torch import nn

from core.networks.source.torch_layers import runs
from core.training.easy_images import easy, epoch_order
from core.training.export.notebook import augmentation, rate
from core.training.export.notebook.sources import sources
from core.training.export.notebook.subject import Subject
from core.training.freezing import ends, learning_layers
from core.training.optimizers import FUSED_ON, OPTIMIZERS
from core.training.schedules import PLATEAU_EPOCHS, PLATEAU_FACTOR


def optimizer(subject: Subject) -> str:
    """`torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9, fused=True)`."""
    kind = OPTIMIZERS[subject.config.optimizer]
    options = dict(kind.options)
    if kind.fused and FUSED_ON:
        options["fused"] = True  # another order of the same operations, so another rounding
    name = getattr(kind.make, "__name__", "")
    arguments = ["model.parameters()", "lr=LEARNING_RATE"]
    if subject.config.weight_decay:
        arguments.append("weight_decay=WEIGHT_DECAY")
    elif name == "AdamW":  # it has one of its own accord
        arguments.append("weight_decay=0.0")
    arguments += [f"{option}={value}" for option, value in options.items()]
    return f"torch.optim.{name}({', '.join(arguments)})"


def training(subject: Subject) -> str:
    """The cell: it leaves `running` (epoch, loss, accuracy, images) and `looks` (epoch, loss, accuracy)."""
    epochs = 'start["epoch"], EPOCHS' if subject.start else "EPOCHS"
    return (
        rate.function(subject)
        + "".join(f"{text}\n\n\n" for text in sources([learning_layers, ends]) if subject.freezes)
        + "".join(f"{text}\n\n\n" for text in sources([easy, epoch_order]) if subject.leaves_out)
        + _training_mode(subject)
        + "\n".join(
            [
                *_before(subject),
                f"for epoch in range({epochs}):",
                *_indented(_epoch(subject)),
                *_after(subject),
            ]
        )
    )


def _training_mode(subject: Subject) -> str:
    if not _keeps_statistics(subject):
        return ""
    return '''\
def train_mode() -> None:
    """The frozen layers' batch normalisation keeps its statistics."""
    model.train()
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.eval()


'''


def _keeps_statistics(subject: Subject) -> bool:
    kinds = {layer.kind for run in runs(subject.network.trunk) for layer in run.layers}
    normalises = {nn.BatchNorm1d.__name__, nn.BatchNorm2d.__name__}
    return subject.run.request.network.frozen and bool(kinds & normalises)


def _before(subject: Subject) -> list[str]:
    config = subject.config
    lines = [f"optimizer = {optimizer(subject)}"]
    if rate.peak(subject) == "peak":
        lines.append("peak = LEARNING_RATE")
    if subject.changed("batch_size"):
        lines.append("batch_size = BATCH_SIZE")
    if not subject.epochs_differ:
        lines.append(
            "steps_per_epoch = math.ceil((len(train_labels) - 1) / BATCH_SIZE)  # no batch of a single image"
        )
    lines += _going_on(subject) if subject.start else _BEGINNING
    if subject.freezes:
        lines += [
            "layers = learning_layers(model)",
            f"stops = ends(FIRST_LEARNS, {config.stopping_layers}, len(layers))",
        ]
    if subject.leaves_out:
        lines.append(
            "losses = torch.full((len(train_labels),), math.inf)  # of each image when it was seen last"
        )
    if config.schedule == "plateau":
        lines.append("lowest, waited = math.inf, 0  # for the learning rate")
    if subject.patience:
        lines.append("best_loss, best_weights, since_best = math.inf, {}, 0")
    if config.seconds:
        lines.append("began = time.monotonic()" + (' - start["seconds"]' if subject.start else ""))
    return lines


_BEGINNING = ["step, running, looks = 0, [], []", "torch.manual_seed(SEED)  # dropout draws from here on"]

_GENERATORS = {"cuda": "torch.cuda.set_rng_state", "mps": "torch.mps.set_rng_state"}  # of devices but the CPU


def _going_on(subject: Subject) -> list[str]:
    """The beginning of a fork, from its file."""
    assert subject.start
    lines = ['step, running, looks = start["step"], [], []']
    if subject.start.optimizer.get("state"):
        lines.append(
            'optimizer.load_state_dict(start["optimizer"])  # what it remembers of earlier gradients'
        )
    lines.append('torch.set_rng_state(start["random"]["cpu"])  # dropout goes on drawing')
    for kind in _GENERATORS.keys() & subject.start.random.keys():
        lines += [f'if device.type == "{kind}":', f'    {_GENERATORS[kind]}(start["random"]["{kind}"])']
    return lines


def _epoch(subject: Subject) -> list[str]:
    config = subject.config
    lines = ["train_mode()" if _keeps_statistics(subject) else "model.train()"]
    generator = "generator = torch.Generator().manual_seed(SEED * 1_000_003 + epoch)"
    if subject.leaves_out:
        lines += [
            generator,
            "is_easy = easy(losses)",
            "order = epoch_order(is_easy, EASY_SEEN, generator).to(device)",
            "counts = torch.where(is_easy, 1 / EASY_SEEN, 1.0).to(device)",
        ]
    elif config.shuffle:
        lines += [generator, "order = torch.randperm(len(train_labels), generator=generator).to(device)"]
    else:
        lines.append("order = train_labels.argsort(stable=True)  # class by class: not shuffled")
    if subject.data.augmentation:
        lines.append("stages = stages_of(epoch)")
    lines.append("used, first = 0, len(running)  # images of this epoch; where its points begin")
    if subject.start and subject.start.images:
        lines += ['if epoch == start["epoch"]:', '    used = start["images"]  # the other run used these']
    if subject.epochs_differ:
        lines.append("while len(order) - used > 1:  # no batch of a single image")
    else:
        lines.append("for rows in order[: steps_per_epoch * BATCH_SIZE].split(BATCH_SIZE):")
    lines += [*_indented(_step(subject)), "", *_look(subject)]
    return lines


def _step(subject: Subject) -> list[str]:
    config = subject.config
    lines: list[str] = []
    if subject.last_step is not None:
        lines += ["if step == LAST_STEP:", "    break"]
    lines += rate.before_step(subject)
    if config.seconds:
        lines += ["if time.monotonic() - began >= SECONDS:", "    break"]
    if subject.epochs_differ:
        lines.append(f"rows = order[used : used + {rate.batch_size(subject)}]")
    lines += [
        "images, targets = augmented(order, used, len(rows), stages)"
        if subject.data.augmentation
        else "images, targets = normalised(train_pixels[rows]), train_labels[rows]",
        "",
        "optimizer.zero_grad()",
    ]
    if subject.precision == "bfloat16":
        lines += [
            "with torch.autocast(device.type, torch.bfloat16):",
            "    logits = model(images)",
            "logits = logits.float()",
        ]
    else:
        lines.append("logits = model(images)")
    smoothing = ", label_smoothing=LABEL_SMOOTHING" if config.label_smoothing else ""
    if subject.leaves_out:
        lines += [
            f'each = counts[rows] * F.cross_entropy(logits, targets{smoothing}, reduction="none")',
            "loss = each.mean()",
            'losses[rows.cpu()] = F.cross_entropy(logits.detach(), targets, reduction="none").cpu()',
        ]
    else:
        lines.append(f"loss = F.cross_entropy(logits, targets{smoothing})")
    if config.l1:
        lines.append("penalty = L1 * sum(weight.abs().sum() for weight in model.parameters())")
        lines.append("(loss + penalty).backward()")
    else:
        lines.append("loss.backward()")
    if config.clip_norm:
        lines.append("nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)")
    # of a mixture the right answer is the class with the largest part
    answers = "targets.argmax(dim=1)" if augmentation.mixes(subject) else "targets"
    lines += ["optimizer.step()", "", "step, used = step + 1, used + len(rows)"]
    if subject.leaves_out:
        return [
            *lines,
            "stand_for = counts[rows].sum().item()  # images",
            f"right = (counts[rows] * (logits.argmax(dim=1) == {answers})).sum().item() / stand_for",
            "running.append((epoch + used / len(order), each.sum().item() / stand_for, right, stand_for))",
        ]
    return [
        *lines,
        f"right = (logits.argmax(dim=1) == {answers}).float().mean().item()",
        "running.append((epoch + used / len(order), loss.item(), right, len(rows)))",
    ]


def _look(subject: Subject) -> list[str]:
    """What follows an epoch."""
    config = subject.config
    lines = ["if len(running) == first:  # out of time", "    break"] if config.seconds else []
    lines += [
        "loss, counts = evaluate(validation_pixels, validation_labels)",
        "looks.append((epoch + 1, loss, accuracy(counts)))",
        "_, means, rights, sizes = np.array(running[first:]).T",
        "print(",
        '    f"epoch {epoch + 1}, step {step}: training (running) loss {np.average(means, weights=sizes):.4f}, "',
        '    f"accuracy {np.average(rights, weights=sizes):.2%}; "',
        '    f"validation loss {loss:.4f}, accuracy {accuracy(counts):.2%}"',
        ")",
    ]
    if subject.last_step is not None:
        lines += ["if step == LAST_STEP:", "    break"]
    if config.seconds:
        lines += ["if time.monotonic() - began >= SECONDS:", "    break"]
    if subject.patience:
        lines += [
            "since_best += 1",
            "if loss < best_loss:",
            "    best_loss, best_weights, since_best = loss, copy.deepcopy(model.state_dict()), 0",
            "elif since_best >= PATIENCE:",
            "    break",
        ]
    if config.schedule == "plateau":
        lines += [
            "waited += 1",
            "if loss < lowest:",
            "    lowest, waited = loss, 0",
            f"elif waited >= {PLATEAU_EPOCHS}:  # epochs without a lower validation loss",
            f"    peak, waited = peak * {PLATEAU_FACTOR}, 0",
        ]
        if not subject.rate_moves:
            lines.append('    optimizer.param_groups[0]["lr"] = peak')
    return lines


def _after(subject: Subject) -> list[str]:
    if not subject.patience:
        return []
    return [
        "",
        "if since_best:",
        "    model.load_state_dict(best_weights)",
        '    print(f"The weights are those of the lowest validation loss, {best_loss:.4f}.")',
    ]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
