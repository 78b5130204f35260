"""One walk through a network: a row for each layer up to the first thing that is wrong."""

from __future__ import annotations

from functools import lru_cache

from core.networks.findings import Finding, joining, misfit, too_large, whole, wrong_setting
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS, setting_errors, settings_of
from core.networks.machine import MEMORY
from core.networks.names import layer_names
from core.networks.rows import LayerRow, block_row, layer_row, see
from core.networks.sight import Sight
from core.networks.spec import LayerSpec, NetworkSpec, Place, Shape

Flow = tuple[Shape, Sight]  # what leaves a layer


@lru_cache(maxsize=512)  # a page asks again and again, and mends are tried that others ask about later
def survey(
    spec: NetworkSpec, input_shape: Shape, classes: int, memory: int = MEMORY
) -> tuple[tuple[LayerRow, ...], Finding | None]:
    """The rows up to the first problem, and that problem; `memory` in bytes is what training may need."""
    walk = _Walk(layer_names(spec), memory)
    try:
        shape, _ = walk.sequence(spec.layers, (), "", (input_shape, Sight.of_image(input_shape)))
    except _Stopped as stop:
        return tuple(walk.rows), stop.finding
    return tuple(walk.rows), whole(walk.rows, shape, classes)


class _Stopped(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


class _Walk:
    def __init__(self, names: dict[Place, str], memory: int) -> None:
        self.names = names
        self.memory = memory
        self.rows: list[LayerRow] = []

    def sequence(self, layers: tuple[LayerSpec, ...], before: Place, path: str, flow: Flow) -> Flow:
        """Through layers one after another; `path` ends with a dot where it isn't empty."""
        for index, layer in enumerate(layers):
            if layer.enabled:
                flow = self.layer(layer, (*before, index), path, flow)
        return flow

    def layer(self, layer: LayerSpec, place: Place, path: str, flow: Flow) -> Flow:
        if errors := setting_errors(layer):
            raise _Stopped(wrong_setting(place, layer, errors[0]))
        kind, name = LAYER_KINDS[layer.kind], self.names[place]
        if isinstance(kind, BlockKind):
            return self.block(kind, layer, place, path + name, flow)
        shape, sight = flow
        settings = settings_of(layer)
        if finding := misfit(place, kind, settings, shape):
            raise _Stopped(finding)
        seen = see(kind, settings, sight)
        return self.add(layer_row(place, name, path + name, kind, settings, shape, sight, seen), seen)

    def block(self, kind: BlockKind, layer: LayerSpec, place: Place, path: str, flow: Flow) -> Flow:
        shape, sight = flow
        settings = settings_of(layer)
        ends = [
            self.sequence(branch, (*place, i), f"{path}.{kind.branch_name(i)}.", flow)
            for i, branch in enumerate(layer.branches)
        ]
        outputs = tuple(end[0] for end in ends)
        if finding := joining(place, kind, settings, shape, outputs):
            raise _Stopped(finding)
        sights = [end[1] for end in ends]
        if kind.sight_of_x:
            sights.append(kind.sight_of_x(settings, shape, outputs, sight))
        seen = Sight.of_all(sights)
        return self.add(block_row(place, self.names[place], path, kind, settings, shape, outputs, seen), seen)

    def add(self, row: LayerRow, seen: Sight) -> Flow:
        if finding := too_large(self.rows, row, self.memory):
            raise _Stopped(finding)
        self.rows.append(row)
        return row.output_shape, seen
