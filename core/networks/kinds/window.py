"""What convolution and pooling share: a window that slides over height and width."""

from collections.abc import Iterator

from core.networks.kind import Complaint, Window
from core.networks.spec import Shape, Value

USUAL_KERNEL = 3  # a kernel that just fits leaves a single pixel, with which few layers behind it can work


def grid(window: Window, shape: Shape) -> Shape:
    """Height and width that come out of a window sliding over (C, H, W)."""
    return tuple(window.positions(size).value for size in shape[1:])


def grid_formula(window: Window, shape: Shape) -> str:
    """The calculation of height and width; written once where they are equal."""
    texts = [str(window.positions(size)) for size in shape[1:]]
    return texts[0] if len(set(texts)) == 1 else f"height {texts[0]}, width {texts[1]}"


def unread(window: Window, shape: Shape) -> str:
    """What the window leaves out of its input (C, H, W), in a sentence; "" if it reads every pixel."""
    rows, columns = (window.dropped(size) for size in shape[1:])
    left = [
        f"the last {n} {name}s" if n > 1 else f"the last {name}"
        for n, name in ((rows, "row"), (columns, "column"))
        if n
    ]
    said = []
    if left:
        size, n = (shape[1], rows) if rows else (shape[2], columns)
        said.append(
            f"A stride of {window.stride} does not come out even: {' and '.join(left)} of the input "
            f"{'are' if len(left) > 1 or n > 1 else 'is'} never read "
            f"(({window.padded(size)} − {window.span}) mod {window.stride} = "
            f"{(window.padded(size) - window.span) % window.stride})."
        )
    if window.stride > window.span and max(grid(window, shape)) > 1:
        said.append(
            f"The stride {window.stride} is larger than the window of {window.span}: "
            f"{window.stride - window.span} of {window.stride} rows and columns are never read."
        )
    return " ".join(said)


def misfit(window: Window, shape: Shape, can_pad: bool = True) -> Iterator[Complaint]:
    """A complaint if the window is larger than the padded input."""
    smallest = min(shape[1:])
    room = window.padded(smallest)
    if window.span <= room:
        return
    size = f"{window.kernel} × {window.kernel} kernel"
    if window.dilation > 1:
        size += f" with dilation {window.dilation} spans {window.span} pixels, which"
    around = f" plus {window.padding} pixels of padding on each side" if window.padding else ""
    changes: list[tuple[str, dict[str, Value]]] = []
    if window.dilation > 1:
        changes.append(("Set the dilation to 1", {"dilation": 1}))
    else:
        kernels = (room, USUAL_KERNEL) if room > USUAL_KERNEL else (room,)
        changes += [(f"Set the kernel to {kernel}", {"kernel": kernel}) for kernel in kernels]
    if can_pad:
        padding = window.padding + (window.span - room + 1) // 2
        changes.append((f"Set the padding to {padding}", {"padding": padding}))
        if window.stride == 1 and window.span % 2:
            half = window.span // 2
            changes.append((f"Set the padding to {half}, which keeps the size", {"padding": half}))
    yield Complaint(
        f"The {size} is larger than its input of {shape[1]} × {shape[2]}{around}.", tuple(changes)
    )
