"""The four rooms of the lab, as the home page introduces them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """One page: what it is for, and what to try there first."""

    title: str
    script: str  # path of the page's script, from the folder of app.py
    icon: str
    purpose: str
    try_first: str


ROOMS = (
    Room(
        "Autograd",
        "pages/autograd/page.py",
        ":material/account_tree:",
        "Type a few lines of PyTorch and see the graph that autograd records, with each value and gradient.",
        "Step backward through `z = y * y * 3` and find out where the 4.5 in `x.grad` comes from.",
    ),
    Room(
        "Design",
        "pages/design/page.py",
        ":material/layers:",
        "Build a convolutional network layer by layer and see shapes, parameters and cost at once.",
        "Give LeNet's first convolution a 30×30 kernel, read what goes wrong, and mend it with one click.",
    ),
    Room(
        "Train",
        "pages/train/page.py",
        ":material/show_chart:",
        "Train it live. The run goes on beside the page: leave, come back, pause, resume.",
        "Train LeNet on 10 % of the images, then again with SGD at a learning rate of 1.",
    ),
    Room(
        "Inspect",
        "pages/inspect/page.py",
        ":material/search:",
        "See which classes the network confuses, on which images, and what it was looking at.",
        "Click the shirts that were taken for T-shirts, and open one of them.",
    ),
)
