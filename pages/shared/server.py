"""What the whole server shares: the run store, the keeper of the workers, and the data sets in memory."""

import gc
import importlib
import logging
import os
import pkgutil
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path

import streamlit as st
import torch

import core
from core.data import catalogue
from core.data.dataset import Dataset
from core.data.resizing import ImageFormat
from core.training.runs.store import RunStore
from core.training.workers.keeper import Keeper
from core.training.workers.local_keeper import LocalKeeper


def run_store() -> RunStore:
    """The one store of runs of this server; threads may share it."""
    return _store_in(catalogue.data_folder(), os.environ.get("AUTOGRAD_LAB_DATABASE"))


@lru_cache(maxsize=4)  # one, but for tests, which change the data folder
def _store_in(folder: Path, url: str | None) -> RunStore:
    return RunStore(folder / "runs", url)


def keeper() -> Keeper:
    """Whoever executes the queued runs of `run_store()`; starts with the server."""
    return _keeper_of(run_store())


@lru_cache(maxsize=4)
def _keeper_of(store: RunStore) -> Keeper:
    return LocalKeeper(store)


def dataset(name: str, image: ImageFormat | None = None) -> Dataset:
    """A prepared data set, memory-mapped once for the server; raises DataMissing where it is not prepared."""
    return _dataset_in(catalogue.data_folder(), name, image)


@lru_cache(maxsize=8)
def _dataset_in(_folder: Path, name: str, image: ImageFormat | None) -> Dataset:
    return catalogue.load(name, image)


def warm_up() -> None:
    """Import all of core now, so that no visitor waits for torch, and hide it from the garbage collector.

    Streamlit collects garbage after every script run; with torch and captum imported and not frozen that
    takes about 230 ms each time. One thread a request: a second one gains little here, and with a worker
    training beside it each waits for the other (predictions then took twice as long, attributions tenfold).
    """
    torch.set_num_threads(1)
    for module in pkgutil.walk_packages(core.__path__, "core."):
        importlib.import_module(module.name)
    for heavy in ("captum.attr", "torchvision", "altair"):
        importlib.import_module(heavy)
    gc.collect()
    gc.freeze()


def own_the_addresses() -> None:
    """Switch Streamlit's own listing of the folder `pages` off before the first visit.

    It ends only when something calls st.navigation; until then a visit to /train finds no such page.
    """

    def nowhere() -> None:
        """A page that nobody sees."""

    logging.disable(logging.WARNING)  # it would warn that nobody is visiting
    st.navigation([nowhere], position="hidden")
    logging.disable(logging.NOTSET)


@asynccontextmanager
async def lifetime(_app: st.App) -> AsyncIterator[None]:
    """Everything between the start of the server and its end."""
    own_the_addresses()
    warm_up()
    keeper().start()
    if not st.get_option("server.headless"):
        webbrowser.open(f"http://localhost:{st.get_option('server.port')}")
    try:
        yield
    finally:
        keeper().close()
