"""What the notebook prints and draws; it contains these functions as they stand here."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap


def class_lines(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Precision, recall, F1 and images of each class, from the confusion matrix: rows true, columns predicted."""

    def share(part: int, whole: int) -> str:
        return f"{part / whole:.1%}" if whole else "—"

    images = np.array(counts)
    width = max(map(len, classes)) + 2
    lines = [f"{'class':<{width}}{'precision':>10}{'recall':>10}{'F1':>10}{'images':>10}"]
    for place, name in enumerate(classes):
        hits, support, taken = images[place, place], images[place].sum(), images[:, place].sum()
        shares = (share(hits, taken), share(hits, support), share(2 * hits, support + taken))
        lines.append(f"{name:<{width}}{shares[0]:>10}{shares[1]:>10}{shares[2]:>10}{support:>10,}")
    return "\n".join(lines)


def draw_maps(
    axes: Sequence[Axes],
    pictures: Mapping[int, np.ndarray],
    maps: Mapping[tuple[int, str], np.ndarray],
    signed: Mapping[str, bool],
    colours: tuple[Sequence[str], Sequence[str]],
) -> None:
    """A row for each image, then its map by each method, each map in a colour scale of its own.

    pictures: place of the image → (H, W) or (H, W, 3); maps: (place, method) → (H, W); signed: method → whether a
    score may speak against the class; colours: of scales with signs, dark in the middle, and without.
    """
    with_signs, without = (LinearSegmentedColormap.from_list("scores", list(ramp)) for ramp in colours)
    columns = 1 + len(signed)
    for axis in axes:
        axis.axis("off")
    for row, (place, picture) in enumerate(pictures.items()):
        axes[columns * row].imshow(picture, cmap="gray", vmin=0, vmax=255)
        axes[columns * row].set_title(f"test image {place}", fontsize=9)
        for column, (name, has_signs) in enumerate(signed.items(), start=1):
            if (place, name) not in maps:
                continue
            axis, plane = axes[columns * row + column], maps[place, name]
            end = float(np.abs(plane).max()) or 1.0
            axis.imshow(
                plane, cmap=with_signs if has_signs else without, vmin=-end if has_signs else 0, vmax=end
            )
            axis.set_title(name, fontsize=9)
