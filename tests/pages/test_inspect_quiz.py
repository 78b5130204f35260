"""The quiz on the Inspect page, played to its end."""

from pathlib import Path

from core.data import catalogue
from tests.pages.inspect_visit import (  # noqa: F401 (fixtures)
    address,
    here,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)


def test_a_quiz_is_played_to_its_end_and_begins_anew(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Quiz")
    labels = catalogue.load("silhouettes").test.labels
    seen = []
    for number in range(1, 21):
        assert not app.exception
        assert f"Question {number} of 20" in texts(app)
        quiz = app.session_state["inspect_quiz"]
        image = quiz.questions[quiz.place].image
        true = int(labels[image])
        app.button(key=f"inspect_answer_{true if number > 5 else (true + 1) % 10}").click().run()
        assert len(sent(app, "inspect_quiz_bars")) == 10
        assert "It is **" in texts(app)
        seen.append(image)
        app.button(key="inspect_quiz_next").click().run()
    assert not app.exception
    assert app.metric[-2].value == "15 of 20"
    assert "Of 20 images, on the 10 drawn from all" in texts(app)
    app.button(key="inspect_quiz_again").click().run()
    assert "Question 1 of 20" in texts(app)
    assert [question.image for question in app.session_state["inspect_quiz"].questions] != seen


def test_before_an_answer_nothing_gives_it_away(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Quiz")
    assert "It is **" not in texts(app)
    assert not [e for e in app.get("bidi_component") if e.proto.id.endswith("-inspect_quiz_bars")]


def test_an_image_of_the_quiz_can_be_looked_into(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Quiz")
    image = app.session_state["inspect_quiz"].questions[0].image
    app.button(key="inspect_answer_0").click().run()
    app.button(key="inspect_quiz_look").click().run()
    assert not app.exception
    assert address(app)["view"] == "One image" and address(app)["image"] == str(image)


def test_another_run_begins_another_quiz(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Quiz")
    app.button(key="inspect_answer_0").click().run()
    app.selectbox(key="inspect_run").select(run_named(here, "Net_Linear").id).run()
    assert not app.exception
    assert "Question 1 of 20" in texts(app)
    assert app.session_state["inspect_quiz"].answers == []
