"""The shapes of images that a network may be designed for."""

from core.networks.spec import Shape

GREY, COLOUR = (1, 28, 28), (3, 32, 32)  # the images of Fashion-MNIST and of CIFAR-10

# by what they are called on the page and in an address
IMAGES: dict[str, Shape] = {"grey 28 × 28": GREY, "colour 32 × 32": COLOUR}
