"""A row of small images, large enough to see their pixels."""

import html
from collections.abc import Sequence

import streamlit as st
from PIL import Image

from core.figures.images import data_url


def pictures(shown: Sequence[tuple[Image.Image, str]], most: int = 240) -> None:
    """Each picture with its caption, `most` CSS pixels wide at the most."""
    figures = "".join(
        f'<figure style="margin: 0; flex: 1 1 0; min-width: 0; max-width: {most}px">'
        f'<img src="{data_url(picture)}" alt="{html.escape(caption)}" style="width: 100%; '
        'aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; border-radius: 4px; display: block">'
        f'<figcaption style="font-size: 0.8rem; padding-top: 2px">{html.escape(caption)}</figcaption></figure>'
        for picture, caption in shown
    )
    st.html(f'<div style="display: flex; gap: 0.75rem; align-items: flex-start">{figures}</div>')
