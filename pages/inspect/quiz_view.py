"""Quiz: guess the class of test images, against the network, which answers the same ones."""

from dataclasses import dataclass, field

import streamlit as st

from core.figures.images import grey
from core.figures.probability_pairs import paired_bars
from core.inspection.quiz import Question, comparison, draw_quiz, score
from core.training.config import DataChoice
from core.training.runs.records import Run
from pages.inspect import address, components
from pages.inspect.pictures import pictures
from pages.inspect.subject import Subject

_KEY = "inspect_quiz"
_PEOPLE = (  # https://github.com/zalandoresearch/fashion-mnist, in the table of benchmarks
    "In a crowd-sourced test that the makers of Fashion-MNIST list, people without fashion expertise recognised 83.5 % "
    "of 1,000 test images (the majority of three people for each)."
)
_MOST_BUTTONS = 12  # classes; of more one is chosen from a list


@dataclass
class _Quiz:
    """A session's quiz on one checkpoint."""

    sha: str
    data: DataChoice
    seed: int
    questions: tuple[Question, ...]
    answers: list[int] = field(default_factory=list)
    shown: bool = False  # whether the last answer is still looked at

    @property
    def place(self) -> int:
        """The question on the screen."""
        return len(self.answers) - 1 if self.shown else len(self.answers)


def draw(_run: Run, subject: Subject) -> None:
    """The image and the classes; after an answer, what is true and what the network said."""
    _view(subject)


@st.fragment
def _view(subject: Subject) -> None:
    quiz = _quiz(subject)
    if quiz.place >= len(quiz.questions):
        _end(subject, quiz)
        return
    question = quiz.questions[quiz.place]
    picture, side = st.columns([1, 1.6], gap="medium")
    with picture:
        pictures([(grey(subject.test.pixels[question.image]), "")], most=420)
    with side:
        so_far = score(quiz.questions, quiz.answers, subject.predictions)
        st.markdown(
            f"**Question {quiz.place + 1} of {len(quiz.questions)}** · right so far: you {so_far.person}, the "
            f"network {so_far.network}, of {so_far.asked}"
        )
        if quiz.shown:
            _answered(subject, quiz, question)
        else:
            _ask(subject, quiz)


def _quiz(subject: Subject, again: bool = False) -> _Quiz:
    """The session's quiz on this checkpoint; another checkpoint, or `again`, begins a new one."""
    found: _Quiz | None = st.session_state.get(_KEY)
    if again or found is None or (found.sha, found.data) != (subject.sha, subject.data):
        seed = found.seed + 1 if found else 0
        found = _Quiz(subject.sha, subject.data, seed, draw_quiz(subject.predictions, seed))
        st.session_state[_KEY] = found
    return found


def _ask(subject: Subject, quiz: _Quiz) -> None:
    st.markdown("What is it? The network has answered already, without seeing the label.")
    classes = subject.classes

    def answer(k: int) -> None:
        quiz.answers.append(k)
        quiz.shown = True

    if len(classes) > _MOST_BUTTONS:
        chosen = st.selectbox(
            "Class", range(len(classes)), format_func=classes.__getitem__, key="inspect_guess"
        )
        st.button("Answer", type="primary", key="inspect_answer", on_click=answer, args=(int(chosen or 0),))
        return
    columns = st.columns(2, gap="small")
    for k, name in enumerate(classes):
        columns[k % 2].button(name, key=f"inspect_answer_{k}", on_click=answer, args=(k,), width="stretch")


def _answered(subject: Subject, quiz: _Quiz, question: Question) -> None:
    found, index, mine = subject.predictions, question.image, quiz.answers[-1]
    true, said = int(found.labels[index]), int(found.predicted[index])
    st.markdown(
        f"It is **{subject.classes[true]}**. You: {subject.classes[mine]} {_sign(mine == true)} The network: "
        f"{subject.classes[said]} ({100 * float(found.confidence[index]):.0f} %) {_sign(said == true)}"
    )
    components.bars(
        key="inspect_quiz_bars", data=paired_bars(found.logits[index], None, subject.classes, true)
    )
    chosen = "of which the network is least sure" if question.hard else "drawn from all test images"
    st.caption(f"Test image {index}, {chosen}. Labels are people's, and can be wrong, too.")

    def further() -> None:
        quiz.shown = False

    with st.container(horizontal=True):
        last = quiz.place + 1 == len(quiz.questions)
        st.button(
            "See the result" if last else "Next", type="primary", key="inspect_quiz_next", on_click=further
        )
        if st.button("Look into it", icon=":material/search:", key="inspect_quiz_look", type="tertiary"):
            address.put(view="One image", image=str(index), of="")
            st.rerun()  # the whole page, not only this fragment


def _sign(right: bool) -> str:
    return ":material/check:" if right else ":material/close:"


def _end(subject: Subject, quiz: _Quiz) -> None:
    total = score(quiz.questions, quiz.answers, subject.predictions)
    mine, its = st.columns(2)
    mine.metric("You", f"{total.person} of {total.asked}")
    its.metric("The network", f"{total.network} of {total.asked}")
    st.markdown(comparison(quiz.questions, quiz.answers, subject.predictions))

    def again() -> None:
        _quiz(subject, again=True)

    st.button(
        "Once more, with other images", icon=":material/replay:", key="inspect_quiz_again", on_click=again
    )
    st.caption("Neither half of the images is chosen by whether the network is right on them.")
    if subject.data.dataset == "fashion-mnist":
        st.caption(_PEOPLE)
