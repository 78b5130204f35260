"""What the layers are called: conv1, relu1, conv2 …, the same in the table, the module and the code."""

from collections import Counter
from functools import lru_cache

from core.networks.kinds import LAYER_KINDS
from core.networks.spec import NetworkSpec, Place, walk


@lru_cache(maxsize=256)
def layer_names(spec: NetworkSpec) -> dict[Place, str]:
    """The name of each layer by its place, unique in the whole network; a disabled layer keeps its number."""
    seen: Counter[str] = Counter()
    names: dict[Place, str] = {}
    for place, layer in walk(spec.layers):
        stem = LAYER_KINDS[layer.kind].stem if layer.kind in LAYER_KINDS else "layer"
        seen[stem] += 1
        names[place] = f"{stem}{seen[stem]}"
    return names
