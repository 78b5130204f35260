from core.figures.probabilities import MOST_BARS, ROLES, probability_bars

CLASSES = ("Shirt", "Coat", "Bag")


def test_each_class_has_its_colour_and_a_readable_share() -> None:
    bars = probability_bars([0.63, 0.3695, 0.0005], [2.0, 1.5, -5.0], CLASSES, true=1, predicted=0)
    assert [bar["name"] for bar in bars] == list(CLASSES)
    assert [bar["length"] for bar in bars] == [0.63, 0.3695, 0.0005]
    assert [bar["text"] for bar in bars] == ["63 %", "37 %", "< 0.1 %"]
    assert [bar["colour"] for bar in bars] == [ROLES["predicted instead"], ROLES["true class"], ROLES[""]]
    assert bars[0]["title"] == "Shirt: probability 0.6300, logit 2.000, predicted instead"
    assert bars[2]["title"] == "Bag: probability 0.0005, logit -5.000"


def test_a_right_answer_and_one_that_is_no_number() -> None:
    bars = probability_bars([0.012, 0.988, float("nan")], [0.0, 1.0, 2.0], CLASSES, true=1, predicted=1)
    assert [bar["strong"] for bar in bars] == [False, True, False]
    assert [bar["text"] for bar in bars] == ["1.2 %", "99 %", "—"]
    assert bars[2]["length"] == 0.0


def test_of_many_classes_the_most_probable_and_the_true_one() -> None:
    names = tuple(f"class {k}" for k in range(102))
    probabilities = [k / 5151 for k in range(102)]  # 0 + 1 + … + 101 = 5151
    bars = probability_bars(probabilities, probabilities, names, true=3, predicted=101)
    assert [bar["name"] for bar in bars] == [*(names[k] for k in range(101, 86, -1)), "class 3"]
    assert len(bars) == MOST_BARS
    assert [bar["name"] for bar in bars if bar["strong"]] == ["class 101", "class 3"]
