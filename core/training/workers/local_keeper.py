"""Trains queued runs in child processes of this machine."""

from __future__ import annotations

import logging
import os
import threading
import time

import torch

from core.data.dataset import DataMissing
from core.networks.machine import MEMORY, free_bytes
from core.training import memory
from core.training.device import cores
from core.training.memory import FITS, Memory, Verdict
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.child import Child
from core.training.workers.dispatch import BEAT_SECONDS, Assignment, Dispatch
from core.training.workers.order import Order
from core.training.workers.recorder import Recorder

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5  # between two looks at the store, where nothing in this process says that there is news
CORES_A_RUN = 4  # more threads gain little on small images
MEMORY_A_RUN = (
    2 * 2**30
)  # of a small network with PyTorch and the images; each run is looked at before it starts
RUNS_A_GPU = 4  # all runs use the first one
CLOSE_SECONDS = 20.0  # for all workers together to save and end


def runs_at_once() -> int:
    """How many runs this machine carries: AUTOGRAD_LAB_RUNS, or what it has beside the pages allows."""
    return _chosen("AUTOGRAD_LAB_RUNS") or carried(cores(), MEMORY, torch.cuda.is_available())


def threads_a_run(at_once: int) -> int:
    """How many threads each of so many runs gets: AUTOGRAD_LAB_THREADS, or all cores but one, for the pages."""
    return _chosen("AUTOGRAD_LAB_THREADS") or max(1, (cores() - 1) // at_once)


def _chosen(variable: str) -> int:
    """What an operator has set, a whole number above 0; 0 if nothing."""
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() else 0


def carried(cores: int, memory_bytes: int, gpu: bool) -> int:
    """How many runs a machine of so many cores and bytes of memory carries, with a GPU or without; at least one."""
    by_cores = min(cores - 1, RUNS_A_GPU) if gpu else (cores - 1) // CORES_A_RUN
    return max(1, min(by_cores, memory_bytes // MEMORY_A_RUN - 1))  # what one run takes is left for the pages


class LocalKeeper:
    """A thread that looks for queued runs and commands, and a child process for each run under way."""

    def __init__(self, store: RunStore, at_once: int | None = None) -> None:
        self._store = store
        self.at_once = at_once or runs_at_once()
        self._threads = threads_a_run(self.at_once)
        self._children: dict[str, Child] = {}  # by run
        self._needs: dict[str, Memory] = {}  # of each of these runs
        self._gpu = memory.gpu_bytes()
        self._spare: Child | None = None
        self._passed_on = 0  # the last command that a child was sent
        self._next_beat = 0.0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; runs whose keeper is gone are marked as interrupted. A second start does nothing."""
        if self._thread is None:
            self._dispatch = Dispatch(self._store)
            self._dispatch.beat()
            self._dispatch.find_orphans()
            self._thread = threading.Thread(target=self._keep, name="local keeper", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Have every run save and end, then end."""
        if self._thread is None:
            return
        self._closing.set()
        self._store.news.set()
        self._thread.join()
        self._thread = None
        self._closing.clear()

    def _keep(self) -> None:
        while not self._closing.is_set():
            try:
                self._look()
            except StoreUnavailable as error:  # the next look may go well
                _log.warning("%s", error)
                self._closing.wait(BEAT_SECONDS)
            except Exception:  # our own fault; the other runs must not suffer from it
                _log.exception("the keeper stumbled")
                self._closing.wait(BEAT_SECONDS)
            self._store.news.wait(LOOK_SECONDS)
            self._store.news.clear()
        self._leave()

    def _look(self) -> None:
        if time.monotonic() >= self._next_beat:
            self._dispatch.beat()
            self._dispatch.find_orphans()
            self._next_beat = time.monotonic() + BEAT_SECONDS
        self._children = {run_id: child for run_id, child in self._children.items() if not child.done}
        if self._children:
            self._pass_commands_on()
        while len(self._children) < self.at_once and (assignment := self._claim()):
            self._begin(assignment)
        if len(self._children) < self.at_once and not (self._spare and self._spare.alive):
            self._spare = Child()  # so that the next run starts without waiting for the import of torch

    def _claim(self) -> Assignment | None:
        return self._dispatch.claim(self._judge, strict=bool(self._children))

    def _judge(self, run: Run) -> Verdict:
        """Whether there is memory for it: what is free, without what the runs under way may still take."""
        try:
            need = memory.needed(run.request)
        except (DataMissing, ValueError):
            return FITS  # the worker says what is wrong
        self._needs = {run_id: self._needs[run_id] for run_id in self._needs if run_id in self._children}
        self._needs[run.id] = need
        free = Memory(free_bytes(), self._gpu)
        for run_id, child in self._children.items():
            free = free.without(memory.still_to_take(self._needs.get(run_id, Memory(0)), child.pid))
        return memory.judge(need, Memory(MEMORY, self._gpu), free)

    def _begin(self, assignment: Assignment) -> None:
        run, resume = assignment.run, assignment.resume
        recorder = Recorder(self._store, run.id, self._dispatch.token, run.attempt)
        order = Order(
            request=run.request,
            weights=str(self._store.weights_folder(run.id).resolve()),
            resume=str(resume.path.resolve()) if resume else None,
            sha256=resume.sha256 if resume else None,
            threads=self._threads,
            settings=assignment.settings,
        )
        try:
            child = self._spare if self._spare and self._spare.alive else Child()
        except OSError as error:
            recorder.lost(f"The worker could not be started: {error}.")
            return
        self._spare = None
        self._children[run.id] = child
        child.begin(order, recorder)

    def _pass_commands_on(self) -> None:
        for command in self._dispatch.commands(after=self._passed_on):
            if command.run in self._children:
                self._children[command.run].send(command)
            self._passed_on = command.id

    def _leave(self) -> None:
        children = [*self._children.values(), *([self._spare] if self._spare else [])]
        for child in children:
            child.leave()
        deadline = time.monotonic() + CLOSE_SECONDS
        for child in children:
            child.join(max(0.0, deadline - time.monotonic()))
            if child.alive:
                child.kill()
                child.join(1.0)
        self._children, self._spare = {}, None
        self._dispatch.leave()
