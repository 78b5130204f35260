"""One walk through a network: a row for each layer up to the first thing that is wrong."""

from __future__ import annotations

from core.networks.findings import Finding, misfit, too_large, whole, wrong_setting
from core.networks.kinds import LAYER_KINDS, setting_errors, settings_of
from core.networks.names import layer_names
from core.networks.rows import LayerRow, row, see
from core.networks.sight import Sight
from core.networks.spec import NetworkSpec, Shape


def survey(
    spec: NetworkSpec, input_shape: Shape, classes: int
) -> tuple[tuple[LayerRow, ...], Finding | None]:
    """The rows up to the first problem, and that problem."""
    names = layer_names(spec)
    shape, sight = input_shape, Sight.of_image(input_shape)
    rows: list[LayerRow] = []
    for index, layer in enumerate(spec.layers):
        place = (index,)
        if not layer.enabled:
            continue
        if errors := setting_errors(layer):
            return tuple(rows), wrong_setting(place, layer, errors[0])
        kind, settings = LAYER_KINDS[layer.kind], settings_of(layer)
        if finding := misfit(place, kind, settings, shape):
            return tuple(rows), finding
        seen = see(kind, settings, sight)
        new = row(place, names[place], kind, settings, shape, sight, seen)
        if finding := too_large(rows, new):
            return tuple(rows), finding
        rows.append(new)
        shape, sight = new.output_shape, seen
    return tuple(rows), whole(rows, shape, classes)
