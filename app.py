"""Autograd Lab: `streamlit run app.py`.

Streamlit finds `app` in this file, imports the file once to start the server, and then runs it as a script
(`__main__`) for each visit: then it is the table of contents, and nothing else.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.shared.server import lifetime
from pages.shared.visitor import VisitorCookie
from pages.train import live

ASSETS = Path(__file__).parent / "assets"


def contents() -> None:
    """Set the page up, and run the room that the address names."""
    st.set_page_config(page_title="Autograd Lab", page_icon=ASSETS / "icon.png", layout="wide")
    st.html(ASSETS / "style.css")
    rooms = [
        st.Page("pages/home/page.py", title="Home", icon=":material/home:", url_path="home", default=True),
        st.Page(
            "pages/autograd/page.py", title="Autograd", icon=":material/account_tree:", url_path="autograd"
        ),
        st.Page("pages/design/page.py", title="Design", icon=":material/layers:", url_path="design"),
        st.Page("pages/train/page.py", title="Train", icon=":material/show_chart:", url_path="train"),
        st.Page("pages/inspect/page.py", title="Inspect", icon=":material/search:", url_path="inspect"),
    ]
    st.navigation(rooms, position="top").run()


if __name__ == "__main__":
    contents()
else:
    app = st.App(__file__, lifespan=lifetime, middleware=[Middleware(VisitorCookie)], routes=[live.ROUTE])
