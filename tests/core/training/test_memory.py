"""What a run needs of memory: by hand, and as a real process takes it; and what follows from it."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import memory, onednn
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.memory import FITS, WORKER, Memory, judge, needed, never_fits, still_to_take
from core.training.workers.child import ALLOCATOR, ROOT
from core.training.workers.order import Order

GIB = 2**30
WIDE = NetworkSpec(
    "wide",
    (layer("Flatten"), layer("Linear", out_features=1000), layer("ReLU"), layer("Linear", out_features=10)),
)
WEIGHTS = 784 * 1000 + 1000 + 1000 * 10 + 10
OUTPUTS = 784 + 1000 + 1000 + 10


def request(
    batch_size: int = 64, optimizer: str = "adam", patience: int = 0, share: float = 0.1
) -> RunRequest:
    config = TrainingConfig(1, batch_size=batch_size, optimizer=optimizer, patience=patience, device="cpu")
    return RunRequest(WIDE, DataChoice("silhouettes", share=share), config)


@pytest.mark.parametrize(
    ("optimizer", "patience", "copies"),
    [
        ("sgd", 0, 3),  # weight and gradient; the weight in the checkpoint
        ("momentum", 0, 5),  # and the momentum, twice
        ("adam", 0, 7),  # and two moments, twice
        ("adam", 5, 8),  # and the best weights
    ],
)
def test_the_weights_by_hand(optimizer: str, patience: int, copies: int) -> None:
    weights, _, _ = memory._parts(request(optimizer=optimizer, patience=patience))
    assert weights == 4 * copies * WEIGHTS


def test_the_batch_by_hand() -> None:
    """Each output and its gradient, and 1,024 images at least; a small one is outdone by evaluating 500 images.

    How many images there are is not known here.
    """
    large, small = memory._parts(request(4096))[1], memory._parts(request(64))[1]
    assert large == 4 * (2 * 4096 * OUTPUTS + 4096 * 784)
    assert small == 4 * (500 * (2 * 1000 + 784) + 1024 * 784)


@pytest.mark.parametrize("pays", [True, False])
def test_maps_of_a_few_channels_are_filled_up_to_16_where_onednn_computes_them(
    pays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onednn, "pays", lambda _place: pays)

    def outputs(*channels: int) -> int:
        """Floats of an image's outputs: convolutions of 3 × 3, a pooling behind each, and ten logits."""
        layers = [
            part
            for number in channels
            for part in (layer("Conv2d", out_channels=number, kernel=3, padding=1), layer("MaxPool2d"))
        ]
        spec = NetworkSpec("few", (*layers, layer("Flatten"), layer("Linear", out_features=10)))
        batch = memory._parts(replace(request(4096), network=spec))[1]
        return (batch // 4 - 4096 * 784) // (2 * 4096)

    first, second = 784 + 196, 196 + 49  # pixels of each channel of the convolution and of the pooling
    flat = 49 * 12 + 10
    assert outputs(6, 12) == (16 * (first + second) if pays else 6 * first + 12 * second) + flat
    assert outputs(6, 20) == 6 * first + 20 * second + 49 * 20 + 10
    assert outputs(2, 12) == 2 * first + 12 * second + flat
    monkeypatch.setattr(onednn, "FEWEST_IMAGES", 4097)
    assert outputs(6, 12) == 6 * first + 12 * second + flat


def test_a_batch_has_no_more_images_than_there_are(silhouettes: Path) -> None:
    """A tenth of nine tenths of 7,000: the test images are among these, and the labels count as well."""
    batches = [memory._parts(request(size))[1] for size in (8192, 1000, 630)]
    assert batches[0] == batches[1] > batches[2]
    assert batches[0] < 4 * 650 * (2 * OUTPUTS + 784)


def test_the_images_count_as_their_prepared_file(silhouettes: Path) -> None:
    """7,000 of 28×28 bytes with labels of 8, and some more for the file's own sake."""
    images = memory._parts(request())[2]
    assert 7000 * (784 + 8) <= images < 1.01 * 7000 * (784 + 8)
    assert needed(request()).main == sum(memory._parts(request())) + WORKER


def test_a_network_that_no_machine_could_hold_has_its_estimate() -> None:
    """Twenty matrices of 2¹⁶ × 2¹⁶ weights, kept seven times in four bytes."""
    wide = [layer("Linear", out_features=2**16)] * 21
    huge = NetworkSpec("huge", (layer("Flatten"), *wide, layer("Linear", out_features=10)))
    assert needed(replace(request(), network=huge)).main > 20 * 7 * 4 * 2**32


PEAK = """
import sys
from pathlib import Path
from queue import SimpleQueue
from core.training.workers.attempt import Attempt
from core.training.workers.order import Order
Attempt(Order.from_line(sys.stdin.readline()), SimpleQueue(), lambda message: None).work()
status = Path("/proc/self/status").read_text().splitlines()  # getrusage knows the tests' own process, too
print(1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no /proc")
@pytest.mark.parametrize("asked", [request(), request(4096, share=1.0)])
def test_the_estimate_is_near_what_a_process_takes(
    asked: RunRequest, silhouettes: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PEAK],
        input=Order(asked, str(tmp_path)).to_line() + "\n",
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **ALLOCATOR},
        text=True,
    )
    assert 0.7 < needed(asked).main / int(done.stdout) < 1.5


@pytest.mark.parametrize(
    ("need", "free", "state"),
    [
        (Memory(4 * GIB), Memory(4 * GIB), "fits"),
        (Memory(5 * GIB), Memory(4 * GIB), "waits"),
        (Memory(17 * GIB), Memory(4 * GIB), "too large"),
        (Memory(4 * GIB, 2 * GIB), Memory(4 * GIB, 1 * GIB), "waits"),
        (Memory(4 * GIB, 9 * GIB), Memory(4 * GIB, 8 * GIB), "too large"),
        (Memory(4 * GIB, 9 * GIB), Memory(0, 0), "too large"),  # it will never fit: no use to wait
    ],
)
def test_the_verdict(need: Memory, free: Memory, state: str) -> None:
    """On a machine of 16 GiB with a GPU of 8 GiB."""
    verdict = judge(need, Memory(16 * GIB, 8 * GIB), free)
    assert verdict.state == state and (verdict == FITS) == (state == "fits")


def test_the_sentences_say_what_is_needed_what_is_there_and_what_to_do() -> None:
    whole = Memory(16 * GIB, 8 * GIB)
    assert judge(Memory(17 * GIB), whole, whole).sentence == (
        "This run needs about 17.0 GiB of memory, and this machine has 16.0 GiB: choose a smaller batch size or a "
        "smaller network."
    )
    assert judge(Memory(0, 3 * GIB), whole, Memory(GIB, GIB)).sentence == (
        "It waits for GPU memory: it needs about 3.0 GiB of this machine's 8.0 GiB, and so much is not free just now. "
        "A smaller batch size needs less."
    )


def test_a_run_under_way_may_still_take_what_it_has_not_taken() -> None:
    """This very process, which has PyTorch in it, has taken more than 100 MiB and less than 100 GiB."""
    assert still_to_take(Memory(100 * 2**20, 5), os.getpid()) == Memory(0, 5)
    assert 0 < still_to_take(Memory(100 * GIB), os.getpid()).main < 100 * GIB
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert still_to_take(Memory(GIB), ended.pid) == Memory(0)


def test_what_never_fits_is_said_before_it_starts(silhouettes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert never_fits(request()) == ""
    monkeypatch.setattr(memory, "MEMORY", needed(request()).main - 1)
    assert "choose a smaller batch size or a smaller network" in never_fits(request())
    monkeypatch.setattr(memory, "MEMORY", needed(request()).main)
    assert never_fits(request()) == ""
    unknown = replace(request(), data=DataChoice("nowhere"))
    assert never_fits(unknown) == ""  # the page says so elsewhere
