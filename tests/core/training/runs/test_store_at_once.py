"""The run store under several threads, pages and keepers at once."""

import threading
from pathlib import Path

from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from tests.core.training.runs.test_store import REPORT, taken


def test_presses_at_once_start_one_run(tmp_path: Path, request_small: RunRequest) -> None:
    """Two stores, as two servers have them, and four threads on each."""
    stores = [RunStore(tmp_path / "runs") for _ in range(2)]
    together = threading.Barrier(8)
    added: list[Run] = []

    def press(store: RunStore) -> None:
        together.wait()
        added.append(store.add(request_small, key="tab-0"))

    threads = [threading.Thread(target=press, args=(stores[i % 2],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(added) == 8 and added == stores[0].runs() * 8


def test_two_keepers_at_once_never_get_the_same_run(store: RunStore, request_small: RunRequest) -> None:
    for _ in range(20):
        store.add(request_small)
    claimed: list[str] = []

    def claim_all() -> None:
        dispatch = Dispatch(store)
        while assignment := dispatch.claim():
            claimed.append(assignment.run.id)

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 20
    assert {run.attempt for run in store.runs()} == {1}


def test_many_threads_write_and_read_at_once(store: RunStore, request_small: RunRequest) -> None:
    run, recorder = taken(store, request_small)
    faults: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(25):
                recorder.record(REPORT)
                store.rename(run.id, "another name")
        except Exception as error:
            faults.append(error)

    def read() -> None:
        try:
            seen = 0
            while seen < 100:
                seen += len(store.metrics(run.id)) - seen
                store.runs()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=target) for target in (write,) * 4 + (read,) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(store.metrics(run.id)) == 100
