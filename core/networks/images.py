"""The shapes of images that a network may be designed for."""

from core.networks.spec import Shape

GREY, COLOUR = (1, 28, 28), (3, 32, 32)  # the images of Fashion-MNIST and of CIFAR-10

IMAGES: dict[str, Shape] = {"grey": GREY, "colour": COLOUR}  # by the word that stands for them in an address
