"""What the number of channels that leaves a block costs in the layer that reads it."""

from core.networks.analysis import Analysis
from core.networks.edit import layer_at
from core.networks.kinds import settings_of
from core.networks.rows import LayerRow


def weights_of_the_next(analysis: Analysis, row: LayerRow, wide: int, narrow: int) -> str:
    """How many weights the next layer has for `wide` channels instead of `narrow`."""
    who, window, out = _next(analysis, row)
    factors = [str(window)] if window > 1 else []
    more, less = ("·".join([*factors, str(n), str(out)]) for n in (wide, narrow))
    verb = "needs" if wide == row.output_shape[0] else "would need"
    return f"{who} {verb} {more} = {window * wide * out:,} weights, instead of {less} = {window * narrow * out:,}."


def _next(analysis: Analysis, row: LayerRow) -> tuple[str, int, int]:
    """The next layer that mixes the block's channels: in words, its weights a channel pair, and its outputs."""
    channels, sequence = row.output_shape[0], row.place[:-1]
    for after in analysis.rows[analysis.rows.index(row) + 1 :]:
        settings, out = settings_of(layer_at(analysis.spec, after.place)), after.output_shape[0]
        if after.kind == "Conv2d" and settings.groups == 1:
            return f"{after.name}, {settings.kernel} × {settings.kernel} to {out},", settings.kernel**2, out
        if after.kind == "Linear":
            return f"{after.name}, to {out},", after.input_shape[0] // channels, out
        inside = after.place[: len(sequence)] == sequence  # of the same sequence, or of a block in it
        if not inside or after.branch_shapes or (after.kind != "Flatten" and out != channels):
            break
    return (
        ("A Linear layer to 32", 1, 32)
        if len(row.output_shape) == 1
        else ("A 3 × 3 convolution to 32", 9, 32)
    )
