"""Where a network's weights may come from before training: drawn at random, or learned elsewhere."""

from core.networks.initialisation import INITIALISATIONS

PRETRAINED_NAMES = ("squeezenet1_1", "resnet18", "mobilenet_v3_small")
WEIGHTS = (*INITIALISATIONS, *PRETRAINED_NAMES)  # what NetworkSpec.weights may be
