"""A few choices side by side, of which the address keeps the chosen one."""

from collections.abc import Mapping

import streamlit as st

from pages.inspect import address


def segmented(
    part: str, label: str, options: Mapping[str, str], default: str = "", disabled: bool = False
) -> str:
    """The key of `options` (key → words) that `part` of the address names, and the choice of another.

    The default is the first one, unless another is named. `label` is for screen readers.
    """
    default = default or next(iter(options))
    key, changed = address.followed(part, list(options), default)
    chosen: str | None = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        on_change=changed,
        required=True,
        label_visibility="collapsed",
        disabled=disabled,
    )
    return chosen or default
