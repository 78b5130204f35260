"""The address of the Inspect page: what was put off until the picture is there is believed, and written at last."""

from streamlit.testing.v1 import AppTest


def visit() -> None:
    import streamlit as st

    from pages.inspect import address

    for action, parts in st.session_state.pop("actions", []):
        getattr(address, action)(**parts)
    st.text(address.get("image"))


def shown(*actions: tuple[str, dict[str, str]], written: str) -> str:
    """What the page goes by after the actions; `written` is the image in the address then."""
    at = AppTest.from_function(visit)
    at.query_params["image"] = "3"
    at.session_state["actions"] = list(actions)
    at.run()
    assert not at.exception
    assert "".join(at.query_params.get("image", "")) == written
    return str(at.text[0].value)


def test_what_is_put_off_counts_at_once_and_is_written_later() -> None:
    later = ("put_later", {"image": "5"})
    assert shown(later, written="3") == "5"
    assert shown(later, ("write", {}), written="5") == "5"
    assert shown(later, ("remember", {}), written="5") == "5"


def test_the_newest_wins() -> None:
    later = ("put_later", {"image": "5"})
    assert shown(later, ("put_later", {"image": "7"}), ("write", {}), written="7") == "7"
    assert shown(later, ("put", {"image": "7"}), ("write", {}), written="7") == "7"
    assert shown(later, ("put", {"image": ""}), ("write", {}), written="") == ""
