"""The lines of the notebook that set what a step is taken with: the learning rate, and what a person changed."""

from __future__ import annotations

from core.training.export.notebook.subject import Subject
from core.training.schedules import SCHEDULES, STEP_FACTOR, WARM_UP_FROM

SHAPES = {  # key of SCHEDULES → the factor of the peak rate; `share` is that of the run after its warm-up
    "constant": "1.0",
    "step": f"{STEP_FACTOR} ** min(math.floor(3 * share + 1e-9), 2)",
    "cosine": "(1 + math.cos(math.pi * share)) / 2",
    "one-cycle": "1 - share",
    "plateau": "1.0",
}


def function(subject: Subject) -> str:
    """How the rate moves over the run; "" where it does not."""
    if not subject.rate_moves:
        return ""
    name, shape = SCHEDULES[subject.config.schedule].label.lower(), SHAPES[subject.config.schedule]
    lines = [
        "def factor(progress: float) -> float:",
        f'    """Of the learning rate, where `progress` is the share of the run that is done: {name}."""',
    ]
    if subject.warm_up:
        lines += [
            "    if progress < WARM_UP:",
            f"        return {WARM_UP_FROM} + {1 - WARM_UP_FROM} * progress / WARM_UP",
        ]
    if "share" in shape:
        lines.append(
            f"    share = {'(progress - WARM_UP) / (1 - WARM_UP)' if subject.warm_up else 'progress'}"
        )
    return "\n".join([*lines, f"    return {shape}", "", "", ""])


def before_step(subject: Subject) -> list[str]:
    """What is set before a step: the rate by its curve, and what a person changed."""
    lines = []
    follows_progress = subject.rate_moves or subject.freezes
    if follows_progress:
        lines += _progress(subject)
    rates, decays, sizes = map(subject.changed, ("learning_rate", "weight_decay", "batch_size"))
    group = "optimizer.param_groups[0]"
    if rates:
        lines.append("if step in RATES:")
        if subject.rate_moves:
            lines.append("    peak = RATES[step] / (factor(progress) or 1.0)")
        elif subject.config.schedule == "plateau":
            lines.append(f'    {group}["lr"] = peak = RATES[step]')
        else:
            lines.append(f'    {group}["lr"] = RATES[step]')
    if decays:
        lines += ["if step in DECAYS:", f'    {group}["weight_decay"] = DECAYS[step]']
    if sizes:
        lines.append("batch_size = SIZES.get(step, batch_size)")
        lines += _progress(subject) if follows_progress else []
    if subject.rate_moves:
        lines.append(f'{group}["lr"] = {peak(subject)} * factor(progress)')
    if subject.freezes:
        lines += [
            "for parameters, stop in zip(layers, stops):",
            "    for parameter in parameters if progress >= stop else ():",
            "        parameter.requires_grad_(False)",
        ]
    return lines


def peak(subject: Subject) -> str:
    """What the peak of the learning rate is called: a variable where a plateau or a person lowers it."""
    changes = subject.rate_moves and subject.changed("learning_rate")
    return "peak" if changes or subject.config.schedule == "plateau" else "LEARNING_RATE"


def batch_size(subject: Subject) -> str:
    """What the batch size is called: a variable where a person changes it."""
    return "batch_size" if subject.changed("batch_size") else "BATCH_SIZE"


def _progress(subject: Subject) -> list[str]:
    lines = []
    if subject.epochs_differ:
        size = batch_size(subject)
        lines += [
            f"left = math.ceil((len(order) - used - 1) / {size})  # steps of this epoch",
            f"left += (EPOCHS - epoch - 1) * math.ceil((len(order) - 1) / {size})",
        ]
        share = "step / (step + left)"
    else:
        share = "step / (EPOCHS * steps_per_epoch)"
    if subject.config.seconds:
        share = f"min(max({share}, (time.monotonic() - began) / SECONDS), 1.0)"
    return [*lines, f"progress = {share}"]
