"""Below the pictures: how to read the map, and which classes are most confused."""

import streamlit as st

from core.inspection.attribution import METHODS
from pages.inspect import address, trust_view
from pages.inspect.confusion_view import choose_cell
from pages.inspect.evidence_view import Evidence
from pages.inspect.subject import Subject, input_shape
from pages.shared.glossary import meanings
from pages.shared.markdown import unbroken


def draw_method(subject: Subject, evidence: Evidence, image: int = -1) -> None:
    """The formula, what it means, when it misleads, what it gave here, and for the test image `image` whether
    that can be trusted.
    """
    method = METHODS[evidence.method]
    st.markdown(f"##### How to read {method.name}", help=meanings("attribution", "target class"))
    st.latex(method.formula)
    st.markdown(
        f"**A large score means**: {method.meaning[0].lower()}{method.meaning[1:]} Here c is "
        f"**{subject.classes[evidence.target]}**, and f the logits of the network."
    )
    st.markdown(f":material/warning: **When it misleads**: {method.misleads[0].lower()}{method.misleads[1:]}")
    if evidence.found:
        for fact in evidence.found.facts:
            st.metric(fact.name, fact.value, help=fact.meaning)
        passes = method.cost(evidence.settings, input_shape(subject)).words
        st.caption(f"Costs {passes}; here {1000 * evidence.found.seconds:.0f} ms.")
    if evidence.found and image >= 0:
        if method.suspect:
            st.markdown(
                "##### Can this map be trusted?",
                help=meanings("randomisation check", "rank correlation", "SSIM"),
            )
            st.caption(f":material/warning: {method.suspect}")
            trust_view.draw_checks(subject, image, evidence.target, evidence.method, evidence.settings)
        elif st.button(
            "Can this map be trusted?",
            icon=":material/fact_check:",
            key="inspect_to_trust",
            on_click=address.put,
            kwargs={"view": "Trust", "image": str(image)},
        ):
            st.rerun()  # the view is outside the fragment
    st.caption(f"{method.paper}. What it needs: {method.need.words}")


def draw_mistakes(subject: Subject) -> None:
    """The most confused pairs in words, each a way to its cell."""
    st.markdown("##### Most confused")
    pairs = subject.matrix.most_confused(6)
    if not pairs:
        st.markdown("It confuses nothing on the test split.")
    else:
        st.caption("Choose one to see its images.")
    with st.container(gap="xxsmall"):
        for pair in pairs:
            st.button(
                unbroken(pair.sentence(subject.classes)),
                key=f"inspect_pair_{pair.true}_{pair.predicted}",
                type="tertiary",
                wrap=True,
                on_click=choose_cell,
                args=(pair.true, pair.predicted),
            )
