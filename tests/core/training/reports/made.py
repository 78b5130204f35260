"""Runs and curves as a test wants them."""

from typing import Any

import numpy as np

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.reports.curves import Curve
from core.training.runs.records import Run


def made_run(
    number: int,
    config: TrainingConfig | None = None,
    network: str = "LeNet",
    data: DataChoice | None = None,
    fork: Fork | None = None,
    **fields: Any,
) -> Run:
    """A finished run with these settings; `fields` are the record's own."""
    request = RunRequest(
        NAMED_NETWORKS[network], data or DataChoice("silhouettes"), config or TrainingConfig(), fork
    )
    usual: dict[str, Any] = {
        name: None for name in Run.__dataclass_fields__ if name not in ("id", "number", "request")
    }
    usual |= {"name": network, "owner": "", "state": "completed", "message": "", "attempt": 1, "note": ""}
    usual |= {
        "device": "CPU",
        "precision": "float32",
        "epoch": 6,
        "step": 60,
        "seconds": 12.0,
        "created": 0.0,
    }
    return Run(id=f"run{number}", number=number, request=request, **{**usual, **fields})


def made_curve(*points: tuple[float, float], images: int = 100) -> Curve:
    """A curve through (seconds, accuracy), the first after one step."""
    rows = [(i + 1, i / 10, seconds, images, 1.0, accuracy) for i, (seconds, accuracy) in enumerate(points)]
    return Curve(np.array(rows, np.float64).reshape(-1, 6))
