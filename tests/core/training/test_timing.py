"""Measured times: what is attributed to which layer, what adds up, what is refused, and the process that measures."""

import math
import time
from dataclasses import replace

import pytest
import torch
from torch import nn

from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import measuring
from core.training.layer_clock import LayerClock
from core.training.measuring import measure
from core.training.side_work import Progress, Refused, to_line
from core.training.timing import LayerTime, Timing, TimingOrder, from_line
from core.training.workers.measurement import Measurement
from core.training.workers.side_job import Busy

IMAGE = (1, 28, 28)
TINY = NAMED_NETWORKS["LeNet_tiny"]
BLOCKS = NetworkSpec(
    "blocks",
    (
        layer("Residual", (layer("Conv2d", out_channels=4, padding="same"), layer("BatchNorm2d"))),
        layer(
            "Parallel",
            (layer("Conv2d", out_channels=3, kernel=1), layer("ReLU")),
            (layer("AvgPool2d", kernel=3, stride=1, padding=1),),
        ),
        layer("Flatten"),
        layer("Linear"),
    ),
)
EXAMPLE = Timing(
    device="CPU (test)",
    threads=1,
    batch_size=64,
    layers=(LayerTime("conv1", "Conv2d", 100, 0.003, 0.006, 0.0005),),
    between=LayerTime("between layers", "", 0, 0.001, 0.002, 0.0001),
    forward=0.004,
    backward=0.008,
    step=0.002,
    inference=0.0006,
    spread=0.05,
    turns=20,
    image_turns=100,
)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few turns are enough to see that it works."""
    monkeypatch.setattr(measuring, "STEP_SECONDS", 0.1)
    monkeypatch.setattr(measuring, "IMAGE_SECONDS", 0.05)


class Ticks:
    """A clock that goes on by one each time that it is read: it counts instead of measuring."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


class Held(nn.Module):
    """Holds a clock's hands on for so long, forward, and twice as long backward."""

    def __init__(self, ticks: Ticks, seconds: float) -> None:
        super().__init__()
        self._ticks, self._seconds = ticks, seconds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._ticks.now += self._seconds
        return Slow.apply(x, self._ticks, self._seconds)  # type: ignore[no-untyped-call,no-any-return]


class Slow(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, ticks, seconds):  # type: ignore[no-untyped-def]
        ctx.ticks, ctx.seconds = ticks, seconds
        return x * 1

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        ctx.ticks.now += 2 * ctx.seconds
        return gradient, None, None


def test_each_layer_gets_its_own_time_also_inside_blocks() -> None:
    """ReLUs are replaced by modules of known duration: in a branch, in a residual body, on the main path."""
    relu = layer("ReLU")
    spec = NetworkSpec(
        "known",
        (
            layer("Residual", (layer("Conv2d", out_channels=2, padding="same"), relu)),
            layer("Parallel", (relu,), (layer("Conv2d", out_channels=2, padding="same"), relu)),
            relu,
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    rows = analyse(spec, IMAGE).rows
    model, ticks = build(spec, IMAGE), Ticks()
    durations = {row.name: 1000.0 * 10**i for i, row in enumerate(row for row in rows if row.kind == "ReLU")}
    for row in rows:
        if row.kind == "ReLU":
            parent, _, name = row.path.rpartition(".")
            setattr(model.get_submodule(parent), name, Held(ticks, durations[row.name]))
    clock = LayerClock(model, rows, ticks)
    with clock.forward():
        out = model(torch.zeros(2, *IMAGE))
    forward = dict(clock.seconds)
    clock.restart()
    with clock.backward():
        out.sum().backward()
    assert len(durations) == 4
    for row in rows:  # besides those durations there is only the clock's own ticking
        assert forward[row.name] == pytest.approx(durations.get(row.name, 0), abs=100)
        assert clock.seconds[row.name] == pytest.approx(2 * durations.get(row.name, 0), abs=100)


def test_the_clock_leaves_no_hooks_behind() -> None:
    model = build(BLOCKS, IMAGE)
    clock = LayerClock(model, analyse(BLOCKS, IMAGE).rows, time.perf_counter)
    with clock.forward():
        out = model(torch.zeros(2, *IMAGE))
    with clock.backward():
        out.sum().backward()
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_gradients_and_outputs_are_those_of_a_run_without_clocks() -> None:
    model, images = build(BLOCKS, IMAGE), torch.randn(4, *IMAGE)
    model(images).square().sum().backward()
    wanted = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    model.zero_grad()
    clock = LayerClock(model, analyse(BLOCKS, IMAGE).rows, time.perf_counter)
    with clock.forward():
        loss = model(images).square().sum()
    with clock.backward():
        loss.backward()
    found = [parameter.grad for parameter in model.parameters()]
    for gradient, same in zip(found, wanted, strict=True):
        torch.testing.assert_close(gradient, same)


@pytest.mark.parametrize(
    "spec", [TINY, BLOCKS, replace(TINY, frozen=True)], ids=["plain", "blocks", "frozen"]
)
def test_all_layers_are_measured_and_add_up(spec: NetworkSpec, quick: None) -> None:
    *progress, timing = measure(TimingOrder(spec, IMAGE, batch_size=8))
    assert isinstance(timing, Timing)
    rows = analyse(spec, IMAGE).rows
    assert [(one.name, one.kind, one.macs) for one in timing.layers] == [
        (row.name, row.kind, row.macs) for row in rows
    ]
    assert all(one.forward > 0 and one.inference > 0 and one.backward >= 0 for one in timing.layers)
    assert timing.between.forward > 0 and timing.between.backward > 0
    assert timing.watched.forward == pytest.approx(
        sum(one.forward for one in (*timing.layers, timing.between))
    )
    assert min(timing.forward, timing.backward, timing.step, timing.inference) > 0
    assert timing.turns >= 1 and timing.image_turns >= 1
    done = [one.done for one in progress if isinstance(one, Progress)]
    assert done == sorted(done) and done[0] >= 0 and done[-1] <= 1


def test_frozen_layers_have_no_backward_pass(quick: None) -> None:
    *_, timing = measure(TimingOrder(replace(TINY, frozen=True), IMAGE, batch_size=8))
    assert isinstance(timing, Timing)
    assert [one.name for one in timing.layers if one.backward > 0] == ["linear2"]


def test_a_turn_that_was_held_up_does_not_count() -> None:
    held_up = [(9.0, (1.0, 7.0)), (4.0, (1.0, 2.0)), (4.5, (1.5, 2.0)), (4.5, (1.0, 2.5)), (99.0, (1.2, 2.2))]
    first, second, rest = measuring._split(held_up)
    assert (first, second, rest) == pytest.approx((1.0, 2.2, 1.0))
    assert measuring._spread([1.0, 2.0, 2.1, 2.2, 50.0]) == pytest.approx(0.2 / 4.2)
    assert measuring._spread([3.0]) == 0


@pytest.mark.parametrize(
    ("images", "steps"), [(54_000, 844), (640, 10), (641, 10), (642, 11), (1, 1), (63, 1)]
)
def test_the_estimate_of_an_epoch(images: int, steps: int) -> None:
    assert EXAMPLE.steps(images) == steps
    assert EXAMPLE.epoch(images) == pytest.approx(steps * 0.014)


def test_messages_and_orders_survive_their_passage_as_lines() -> None:
    for message in (EXAMPLE, Progress(0.5, "half"), Refused("no")):
        assert from_line(to_line(message)) == message
    order = TimingOrder(replace(BLOCKS, frozen=True), IMAGE, 10, 32)
    assert TimingOrder.from_line(order.to_line()) == order
    for line in ("", "[]", '{"message": "Other"}', '{"message": "Progress"}', "PyTorch says hello"):
        with pytest.raises(ValueError, match="not a message"):
            from_line(line)


def test_too_large_and_broken_designs_are_refused_in_a_sentence() -> None:
    conv = layer("Conv2d", out_channels=512, padding=1)
    large = NetworkSpec(
        "large", (conv, conv, conv, layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
    )
    order = TimingOrder(large, IMAGE, batch_size=256)
    problem = order.problem()
    assert problem and "at most 300 billion" in problem and "smaller batch" in problem
    with pytest.raises(ValueError, match="smaller batch"):
        next(measure(order))
    broken = TimingOrder(NetworkSpec("broken", (layer("Linear"),)), IMAGE)
    assert "needs a flat input" in (broken.problem() or "")
    assert TimingOrder(TINY, IMAGE).problem() is None


def wait(measurement: Measurement) -> None:
    measurement.join(60)
    assert measurement.state != "running"


def test_a_process_of_its_own_measures_while_others_wait() -> None:
    order = TimingOrder(TINY, IMAGE, batch_size=8)
    measurement = Measurement(order)
    assert measurement.state == "running"
    with pytest.raises(Busy, match="under way"):
        Measurement(order)
    wait(measurement)
    assert measurement.state == "done", measurement.refusal
    assert measurement.result and measurement.result.threads == 1
    assert math.isclose(measurement.ended or 0, time.time(), abs_tol=60)
    stopped = Measurement(order)  # its turn has come
    stopped.stop()
    wait(stopped)
    assert (stopped.state, stopped.refusal) == ("refused", "It was stopped.")


def test_the_process_ends_when_its_server_does() -> None:
    measurement = Measurement(TimingOrder(NAMED_NETWORKS["FashionCNN"], IMAGE))
    deadline = time.monotonic() + 300
    while measurement.progress.text != "Training steps of 64 images" and time.monotonic() < deadline:
        time.sleep(0.05)
    begun = time.monotonic()
    assert measurement._process.stdin
    measurement._process.stdin.close()
    assert measurement._process.wait(30) == 0
    wait(measurement)
    assert time.monotonic() - begun < 30 and measurement.result is None


def test_a_process_that_can_not_measure_says_why_and_gives_way() -> None:
    measurement = Measurement(TimingOrder(NetworkSpec("broken", (layer("Linear"),)), IMAGE))
    wait(measurement)
    assert "needs a flat input" in measurement.refusal
    killed = Measurement(TimingOrder(TINY, IMAGE))
    killed._process.kill()
    wait(killed)
    assert "ended unexpectedly" in killed.refusal
