"""How the Train page writes numbers."""

import pytest

from pages.train.words import loss


@pytest.mark.parametrize(
    ("value", "text"), [(None, "—"), (0.39249, "0.392"), (99.5, "99.500"), (139652395.4, "1.4e+08")]
)
def test_a_loss_stays_short(value: float | None, text: str) -> None:
    assert loss(value) == text
