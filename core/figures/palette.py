"""One palette for classes, runs and splits, the same on every page, in light and dark.

The ten colours are Petroff's ten-colour sequence, chosen by an optimisation that keeps them apart under the
common colour-vision deficiencies ("Accessible Color Sequences for Data Visualization", arXiv:2107.02270).
"""

PETROFF_10 = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

CLASS_COLOURS = PETROFF_10
RUN_COLOURS = PETROFF_10
SPLIT_COLOURS = {"train": PETROFF_10[0], "validation": PETROFF_10[6], "test": PETROFF_10[4]}


def run_colour(number: int) -> str:
    """The colour that run `number` (1, 2, 3 …) keeps everywhere; after ten runs the colours repeat."""
    return RUN_COLOURS[(number - 1) % len(RUN_COLOURS)]
