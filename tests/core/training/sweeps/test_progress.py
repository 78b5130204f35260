"""How far a sweep is, by hand."""

import pytest

from core.training.runs.states import STATES
from core.training.sweeps.progress import fraction, progress_words
from tests.core.training.reports.made import made_run


def test_the_share_and_the_words() -> None:
    runs = [
        made_run(1, state="completed"),
        made_run(2, state="running", step=30, total_steps=60),
        made_run(3, state="queued", step=0),
        made_run(4, state="diverged", step=3, total_steps=60),
    ]
    assert fraction(runs) == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert progress_words(runs) == "4 runs: 1 done, 1 running, 1 waiting, 1 diverged"
    assert progress_words(runs[:1]) == "1 run: 1 done"


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_word(state: str) -> None:
    assert progress_words([made_run(1, state=state)]) != "1 run: "
