"""Rules on the curves: the start, whether anything is learned, leaps, overfitting, standing still."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from core.training.diagnosis.finding import Finding, History, percent, plain
from core.training.runs.records import Metric

UNDECIDED = (
    1.25  # times ln(classes): PyTorch's own initialisations start below; the named networks within 1.06
)
FAR_OFF = 2.0  # times ln(classes): sure and wrong
PATIENCE_STEPS = 100  # plain SGD needed up to 80 steps of a healthy run before its loss began to fall
STUCK = 0.97  # times ln(classes): nothing was learned
RECENT = 5  # reports of the running loss, whose median counts
LEAP = 3.0  # times the median of the reports before: far outside of what batches differ by
RISEN = 1.1  # times its minimum: the validation loss has turned, by more than epochs differ by
GAP, LARGE_GAP = (
    0.05,
    0.1,
)  # accuracy on training over validation images; Fashion-MNIST's good runs end with 0.03–0.06
LEVEL_EPOCHS, LEVEL = 5, 0.01  # a validation loss that fell by less than 1 % in 5 epochs stands still
LUCKY = 1.5  # times 1 / classes: an accuracy below is guessing


def start(history: History) -> Iterator[Finding]:
    """The loss before the first step against that of guessing, ln(classes)."""
    first = next((m for m in history.metrics if m.step == 0 and m.kind == "evaluated"), None)
    if first is None:
        return
    chance = history.chance
    loss = f"The first loss was {plain(first.loss)}, ln {history.classes} = {chance:.2f}"
    measured = f"The loss on {first.images:,} validation images before the first step."
    if first.loss <= chance / UNDECIDED:
        yield Finding(
            "start", "good", f"{loss}: the weights already know something, from elsewhere.", measured
        )
    elif first.loss <= UNDECIDED * chance:
        yield Finding("start", "good", f"{loss}: the network starts undecided, as it should.", measured)
    else:
        yield Finding(
            "start",
            "warning" if not first.loss <= FAR_OFF * chance else "note",
            f"{loss}: the network starts sure of wrong answers. The first steps only take that back.",
            measured,
            "The first weights are too large: choose another initialisation (Design page, Signal), above all for the "
            "last layer.",
        )


def diverged(history: History) -> Iterator[Finding]:
    """The end of a run whose loss was no finite number."""
    if history.state != "diverged":
        return
    config = history.request.config
    before = [m for m in history.running if math.isfinite(m.loss)]
    last = (
        f"; {plain(before[-1].loss)} was the last one reported, at step {before[-1].step:,}" if before else ""
    )
    yield Finding(
        "diverged",
        "warning",
        f"The loss was no finite number any more at step {history.step:,}{last}. The likely cause is the learning "
        f"rate, {config.learning_rate:g}: each step overshoots and makes the next one larger.",
        "The loss of each step.",
        f"{history.slower[0].upper()}{history.slower[1:]}.",
        history.lower_rate,
    )


def leaps(history: History) -> Iterator[Finding]:
    """A running loss that shot up."""
    if history.state == "diverged":
        return
    worst: tuple[float, float, Metric] | None = None
    for place in range(1, len(history.running)):
        now = history.running[place]
        usual = median(m.loss for m in history.running[max(place - RECENT, 0) : place])
        if now.loss > max(LEAP * usual, history.chance) and (worst is None or now.loss > worst[0]):
            worst = (now.loss, usual, now)
    if worst is None:
        return
    loss, usual, where = worst
    yield Finding(
        "leap",
        "warning",
        f"The training loss leapt from {plain(usual)} to {plain(loss)} by step {where.step:,} (epoch "
        f"{where.epoch:.2f}), at a learning rate of {where.learning_rate:g}.",
        f"The running training loss, each report against the median of the {RECENT} before it.",
        f"The rate is too high, or one batch's gradient was far too long: {history.slower}, or clip the gradient.",
        history.lower_rate,
    )


def not_learning(history: History) -> Iterator[Finding]:
    """A loss that stays where guessing is."""
    recent = history.running[-RECENT:]
    if not recent or recent[-1].step < PATIENCE_STEPS:
        return
    loss = median(m.loss for m in recent)
    if not loss > STUCK * history.chance:
        return
    yield Finding(
        "not learning",
        "warning",
        f"After {recent[-1].step:,} steps the training loss is {plain(loss)}; guessing gives ln {history.classes} = "
        f"{history.chance:.2f}. Nothing has been learned.",
        f"The running training loss, the median of the last {len(recent)} reports.",
        "See the other findings first: shuffled labels, dead units and vanishing gradients each do this. Else the "
        f"learning rate ({history.request.config.learning_rate:g}) is far too high or far too low.",
    )


def labels(history: History) -> Iterator[Finding]:
    """Labels that do not belong to their images: whatever is learned of them holds for no other image."""
    recent = history.validated[-RECENT:]
    if not recent or recent[-1].step < PATIENCE_STEPS:
        return
    accuracy = median(m.accuracy for m in recent)
    guessing = accuracy < LUCKY / history.classes and recent[-1].loss > STUCK * history.chance
    if not guessing:
        return
    for training, how in history.training_at(recent[-1]):
        yield from _strangers(history, training, how, accuracy, recent)


def _strangers(
    history: History, training: Metric, how: str, accuracy: float, recent: list[Metric]
) -> Iterator[Finding]:
    """What follows where validation images are guessed at."""
    loss = training.loss
    fitted = loss < STUCK * history.chance
    if not history.request.data.shuffled_labels and not fitted:
        return  # then nothing says that it is the labels
    known = (
        " In this run they are: the training labels were shuffled on purpose."
        * history.request.data.shuffled_labels
    )
    what = (
        f"The training loss fell to {plain(loss)}, but"
        if fitted
        else f"The training loss stays at {plain(loss)}, and"
    )
    yield Finding(
        "labels",
        "warning",
        f"{what} {percent(accuracy)} of the validation images are right, where guessing gives "
        f"{percent(1 / history.classes)}: as if the labels did not belong to the images.{known}",
        f"The accuracy on {recent[-1].images:,} validation images, the median of the last {len(recent)} evaluations; "
        f"the training loss {how}, at step {training.step:,}.",
        "Look at a few training images with their labels, and at how both were put in order.",
    )


def overfitting(history: History) -> Iterator[Finding]:
    """The validation loss rises from its minimum while the training loss falls, or accuracies part."""
    points = [
        (validation, *training)
        for validation in history.validated
        for training in history.training_at(validation)
    ]
    if len(points) < 2:
        return
    best, best_training, _ = min(points, key=lambda point: point[0].loss)
    last, training, how = points[-1]
    measured = (
        f"The validation split evaluated on {last.images:,} images; the training split {how}"
        f"{' like it' if how == 'evaluated' else ', while the weights moved'}, on {training.images:,} images; "
        f"both up to epoch {last.epoch:g}."
    )
    mend = (
        "More or augmented images, dropout, weight decay, a smaller network; or early stopping, which keeps the "
        f"weights of epoch {best.epoch:g}."
    )
    gap = training.accuracy - last.accuracy
    parted = f"Accuracy is {percent(training.accuracy)} on training and {percent(last.accuracy)} on validation images"
    opened = _opened(points, GAP)
    if last.loss > RISEN * best.loss and training.loss < best_training.loss and gap > 0:
        yield Finding(
            "overfitting",
            "warning",
            f"Overfitting since epoch {best.epoch:g}: the validation loss has risen from {plain(best.loss)} to "
            f"{plain(last.loss)}, while the training loss fell from {plain(best_training.loss)} to "
            f"{plain(training.loss)}. {parted}.",
            measured,
            mend,
        )
    elif gap >= GAP and opened:
        yield Finding(
            "overfitting",
            "warning" if gap >= LARGE_GAP else "note",
            f"{parted}: a gap of {100 * gap:.1f} points, open since epoch {opened.epoch:g}. What is learned holds "
            "less for images that are not trained on.",
            measured,
            mend,
        )
    else:
        yield Finding("overfitting", "good", f"{parted}: no overfitting so far.", measured)


def _opened(points: list[tuple[Metric, Metric, str]], gap: float) -> Metric | None:
    """The evaluation since which training accuracy has been above validation accuracy by `gap` for good."""
    since = None
    for validation, training, _ in points:
        if training.accuracy - validation.accuracy < gap:
            since = None
        elif since is None:
            since = validation
    return since


def plateau(history: History) -> Iterator[Finding]:
    """A validation loss that stands still above guessing's end of the scale."""
    points = history.validated
    if len(points) <= LEVEL_EPOCHS or points[-1].loss > STUCK * history.chance:
        return
    before = min(m.loss for m in points[:-LEVEL_EPOCHS])
    since = min(m.loss for m in points[-LEVEL_EPOCHS:])
    if since > (1 - LEVEL) * before and points[-1].loss <= RISEN * before:
        yield Finding(
            "plateau",
            "note",
            f"The validation loss has stood at about {plain(since)} for {LEVEL_EPOCHS} epochs (to epoch "
            f"{points[-1].epoch:g}); {plain(before)} was the lowest before.",
            f"The loss on {points[-1].images:,} validation images after each epoch.",
            "A smaller rate often gets below it (cosine, or reduce on plateau); if not, this network has learned what "
            "it can.",
            history.lower_rate,
        )
