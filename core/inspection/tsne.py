"""t-SNE beside the page: a map of many points that keeps neighbours together, made in a thread of its own."""

import os
import threading
from contextlib import suppress

import torch
from torch import Tensor

from core.inspection.projection import NoMapError, refuse_unusable
from core.training.side_work import Progress

PERPLEXITY = 30  # about how many neighbours each point holds on to
EXAGGERATED, SETTLING = 250, 300  # steps of descent: neighbours pulled together twelvefold, then as they are
_EVERY = 5  # steps between two looks at whether it is to stop
_NICENESS = 15  # as far below the server's own threads
_turn = threading.Lock()  # one at a time on a server: two would share a core


class Stopped(Exception):
    """Nobody wants the map any more."""


class TsneJob:
    """One map under way: how far it is, and what came out.

    Sources: L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", 2008; G. Linderman et al., "Fast
    interpolation-based t-SNE", 2019, as the package openTSNE (P. Poličar et al., 2024) has it.
    """

    def __init__(self, features: Tensor, perplexity: float = PERPLEXITY, seed: int = 0) -> None:
        """Begin, or wait for another to end; `features` is (N, D). The same seed gives the same map."""
        self.progress = Progress(0.0, "Another map is made on this machine; yours begins when it has ended")
        self.result: Tensor | None = None  # float32 (N, 2)
        self.refusal = ""  # why there is no result
        self._wanted = True
        self._perplexity, self._seed = perplexity, seed
        # the features are the thread's own, so that they go when it ends: an ended job is kept for its map
        self._thread = threading.Thread(target=self._work, args=(features,), name="t-SNE", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether there is a result, or a reason why there is none."""
        return self.result is not None or bool(self.refusal)

    def stop(self) -> None:
        """End it without a result, within a second or so; finding the neighbours takes some more."""
        self._wanted = False

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer than this."""
        self._thread.join(seconds)

    def _work(self, features: Tensor) -> None:
        with suppress(AttributeError, OSError):  # where threads have no priority of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            refuse_unusable(features)
            while not _turn.acquire(timeout=0.2):
                self._go_on()
            try:
                self.result = self._map(features)
            finally:
                _turn.release()
        except Stopped:
            self.refusal = "It was stopped."
        except NoMapError as reason:
            self.refusal = str(reason)
        except Exception as error:  # whatever it is, the person who waits is told
            self.refusal = f"The map could not be made: {error!r}."
            raise

    def _go_on(self) -> None:
        if not self._wanted:
            raise Stopped

    def _map(self, features: Tensor) -> Tensor:
        self.progress = Progress(0.02, "Finding each image's neighbours")
        from openTSNE import (
            TSNEEmbedding,
            affinity,
            initialization,
        )  # two seconds, that only who wants a map pays

        self._go_on()
        points = features.double().numpy()
        perplexity = min(self._perplexity, (len(points) - 1) / 3)
        near = affinity.PerplexityBasedNN(points, perplexity=perplexity, n_jobs=1, random_state=self._seed)
        self._go_on()
        start = initialization.pca(points, random_state=self._seed)
        embedding = TSNEEmbedding(
            start, near, negative_gradient_method="fft" if len(points) > 3000 else "bh", n_jobs=1
        )
        done = 0

        def look(step: int, _divergence: float, _embedding: object) -> bool:
            at = done + step
            share = 0.15 + 0.85 * at / (EXAGGERATED + SETTLING)
            self.progress = Progress(share, f"Step {at} of {EXAGGERATED + SETTLING}")
            return not self._wanted  # True ends the descent

        settings = {"callbacks": [look], "callbacks_every_iters": _EVERY}
        embedding = embedding.optimize(EXAGGERATED, exaggeration=12, momentum=0.5, **settings)
        self._go_on()
        done = EXAGGERATED
        embedding = embedding.optimize(SETTLING, momentum=0.8, **settings)
        self._go_on()
        return torch.tensor(embedding.view(), dtype=torch.float32).clone()
