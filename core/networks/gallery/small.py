"""Small networks: one made for accuracy with few parameters, one for accuracy within seconds."""

from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pieces import FLATTEN, RELU, conv, conv_bn_relu, linear
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec

_POOL = layer("MaxPool2d")

# Trained by this app on all of Fashion-MNIST, batch 128, Adam at 1e-3 for 15 epochs: 92.60 % of the test images with
# seed 0, 92.38 % with seed 1; with two more epochs at 1e-4 (seed 0), 92.89 %.
SMALL = (
    GalleryNetwork(
        NetworkSpec(
            "Under 100,000",
            (
                *conv_bn_relu(32),
                _POOL,
                layer("Dropout", p=0.1),
                *conv_bn_relu(48),
                *conv_bn_relu(48),
                _POOL,
                layer("Dropout", p=0.2),
                *conv_bn_relu(96),
                _POOL,
                layer("Dropout", p=0.4),
                FLATTEN,
                linear(10),
            ),
        ),
        "Made for 92.5 % of Fashion-MNIST's test images: it pools early, so that each kernel works on few pixels, "
        "dropout grows with depth, and flattening 3 × 3 maps keeps where things are (92.4 to 92.6 % after 15 epochs of "
        "Adam, batch 128; 92.9 % after two more at a tenth of the rate).",
    ),
    GalleryNetwork(
        NetworkSpec(
            "Quick",
            (
                conv(32, kernel=5, stride=2),
                _POOL,  # before the normalisation, which then has a quarter of the values to work on
                layer("BatchNorm2d"),
                RELU,
                *conv_bn_relu(64),
                FLATTEN,
                linear(10),
            ),
        ),
        "Made for 90 % of Fashion-MNIST's test images within seconds: large kernels that move by two pixels see each "
        "image at a quarter of the cost, and the second convolution works on 7 × 7 places only. The “Fast” preset of "
        "the Train page takes it.",
    ),
)
