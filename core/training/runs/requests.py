"""A run request as JSON, for the store and for the worker."""

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from core.data.augmentation.plan import plan_from_list
from core.networks.json_form import from_json, to_json
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig

_BEFORE = {"precision": "float32"}  # what a run did before there was a choice


def request_to_json(request: RunRequest) -> str:
    """One line of JSON."""
    return json.dumps(
        {
            "network": json.loads(to_json(request.network)),
            "data": asdict(request.data),
            "config": asdict(request.config),
            "fork": asdict(request.fork) if request.fork else None,
        }
    )


@lru_cache(maxsize=1024)  # a page reads all runs again and again, and a request never changes
def request_from_json(text: str) -> RunRequest:
    """Read what `request_to_json` wrote; raises ValueError (of a network SpecError)."""
    try:
        parts = json.loads(text)
        network = from_json(json.dumps(parts["network"]))
        fork = parts.get("fork")
        return RunRequest(
            network,
            _data_choice(parts["data"]),
            TrainingConfig(**{**_BEFORE, **parts["config"]}),
            Fork(**fork) if fork else None,
        )
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a run request: {error}") from error


def _data_choice(parts: dict[str, Any]) -> DataChoice:
    """JSON has no tuples, and requests of before there was a choice have neither format nor augmentation."""
    image = parts.get("image")
    return DataChoice(
        **{
            **parts,
            "image": None if image is None else (int(image[0]), int(image[1])),
            "augmentation": plan_from_list(parts.get("augmentation", ())),
        }
    )
