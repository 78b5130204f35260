import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.inspection.agreement import Agreement
from core.inspection.predictions import Predictions


def says(classes: list[int], labels: list[int], known: int = 3, sure: float = 2.0) -> Predictions:
    logits = torch.zeros(len(classes), known)
    logits[torch.arange(len(classes)), torch.tensor(classes, dtype=torch.int64)] = sure
    return Predictions(logits, torch.tensor(labels, dtype=torch.int64))


LABELS = [0, 0, 0, 1, 1, 2]
FIRST, SECOND = says([0, 0, 1, 1, 2, 0], LABELS), says([0, 1, 1, 1, 0, 2], LABELS)


def test_by_hand() -> None:
    found = Agreement.of(FIRST, SECOND)
    # equal on images 0, 2 and 3; of these 0 and 3 are right; on 4 both are wrong, differently
    assert (found.equal, found.both_right, found.same_mistake, found.other_mistakes) == (3, 2, 1, 1)
    assert found.first_alone().tolist() == [1]
    assert found.second_alone().tolist() == [5]
    assert found.share == 0.5
    # the first says 0, 1, 2 three, two and one times, the second two, three and one: (6 + 6 + 1) / 36
    assert found.by_chance == pytest.approx(13 / 36)
    assert found.kappa == pytest.approx((1 / 2 - 13 / 36) / (1 - 13 / 36))
    assert found.sentence() == (
        "Both say the same for 3 of 6 images (50.0 %): the right class for 2, the same wrong one for 1. Another 1 they "
        "get wrong in different ways. Two that answered independently, each class as often as these do, would agree "
        "on 36.1 %. Cohen's κ says how much of the way from there to full agreement they go: "
        "κ = (0.500 − 0.361) / (1 − 0.361) = 0.22."
    )


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=50))
def test_kappa_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    found = Agreement.of(says(first, [0] * len(pairs)), says(second, [0] * len(pairs)))
    assert found.share == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    if len({*first, *second}) == 1:
        assert found.kappa is None
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(first, second, labels=range(3)), abs=1e-12)


def test_every_image_is_counted_once() -> None:
    found = Agreement.of(FIRST, SECOND)
    parts = (found.both_right, found.same_mistake, found.other_mistakes)
    assert sum(parts) + len(found.first_alone()) + len(found.second_alone()) == len(LABELS)


def test_the_surest_mistake_of_the_other_comes_first() -> None:
    right, wrong = says([0, 0, 0], [0, 0, 0]), says([1, 1, 1], [0, 0, 0])
    wrong.logits[:, 1] = torch.tensor([1.0, 5.0, 3.0])
    assert Agreement.of(right, wrong).first_alone().tolist() == [1, 2, 0]


def test_other_images_or_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="different images"):
        Agreement.of(FIRST, says([0] * 6, [0] * 6))
    with pytest.raises(ValueError, match="tells 3 classes apart, the other 4"):
        Agreement.of(FIRST, says([0] * 6, LABELS, known=4))


def test_of_no_images_nothing_is_known() -> None:
    found = Agreement.of(says([], []), says([], []))
    assert (found.share, found.by_chance, found.kappa) == (None, None, None)
    assert found.sentence() == "There are no images to judge by."
