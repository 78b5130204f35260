from core.figures.probabilities import ROLES, probability_bars, probability_table

CLASSES = ("Shirt", "Coat", "Bag")


def test_each_class_has_its_role_and_a_readable_share() -> None:
    table = probability_table([0.63, 0.3695, 0.0005], [2.0, 1.5, -5.0], CLASSES, true=1, predicted=0)
    assert list(table["class"]) == list(CLASSES)
    assert list(table["role"]) == ["predicted instead", "true class", "other"]
    assert list(table["text"]) == ["63%", "37%", "< 0.1%"]


def test_a_right_answer_and_one_that_is_no_number() -> None:
    table = probability_table([0.012, 0.988, float("nan")], [0.0, 1.0, 2.0], CLASSES, true=1, predicted=1)
    assert list(table["role"]) == ["other", "true class", "other"]
    assert list(table["text"]) == ["1.2%", "99%", "—"]


def test_only_the_data_differ_from_image_to_image() -> None:
    specs = []
    for p in (0.2, 0.9):
        spec = probability_bars(probability_table([p, 1 - p, 0.0], [0.0] * 3, CLASSES, 0, 1)).to_dict()
        assert spec.pop("datasets")
        spec.pop("data", None)
        for layer in spec["layer"]:
            layer.pop("data", None)
        specs.append(spec)
    assert specs[0] == specs[1]
    assert specs[0]["layer"][0]["encoding"]["color"]["scale"]["domain"] == list(ROLES)
