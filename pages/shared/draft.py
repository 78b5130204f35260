"""A visitor's design stays on the server as they left it, and is there again when they come back without a link."""

import logging

import streamlit as st

from core.networks.spec import NetworkSpec
from core.training.runs.database import StoreUnavailable
from core.training.runs.drafts import Drafts
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id

_log = logging.getLogger(__name__)
_KNOWN = "draft_"  # and the slot, in the session: what lies there


def keep(slot: str, network: NetworkSpec | None) -> None:
    """Remember `network` in a slot of `SLOTS`, or nothing; a store that can't be written stops nobody."""
    owner, known = visitor_id(), f"{_KNOWN}{slot}"
    if not owner or (known in st.session_state and st.session_state[known] == network):
        return
    st.session_state[known] = network
    try:
        drafts = Drafts(run_store().database)
        if network is None:
            drafts.clear(owner, slot)
        else:
            drafts.keep(owner, slot, network)
    except StoreUnavailable as refusal:
        _log.warning("a draft was not kept: %s", refusal)


def kept(slot: str) -> NetworkSpec | None:
    """What this visitor left in a slot; None where there is nothing, or the browser keeps no cookies."""
    owner = visitor_id()
    if not owner:
        return None
    try:
        network = Drafts(run_store().database).of(owner, slot)
    except StoreUnavailable as refusal:
        _log.warning("a draft was not read: %s", refusal)
        return None
    st.session_state[f"{_KNOWN}{slot}"] = network
    return network
