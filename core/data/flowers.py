"""Oxford Flowers-102 (Nilsback and Zisserman, 2008): photographs of flowers, of many sizes, here 64×64.

Its makers split it in three: 10 images a class for training, 10 for validation, and the other 6,149 for test.
Here the first two together are the training images, of which each run cuts off its own validation split.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.official import OfficialFile, OfficialFiles
from core.data.pictures import square

SIDE = 64  # pixels of the square that each photograph is cut and scaled to
TRAIN, TEST = ("train", "val"), ("test",)  # torchvision's names of the splits

# fmt: off
CLASSES = (
    "pink primrose",
    "hard-leaved pocket orchid",
    "canterbury bells",
    "sweet pea",
    "english marigold",
    "tiger lily",
    "moon orchid",
    "bird of paradise",
    "monkshood",
    "globe thistle",
    "snapdragon",
    "colt's foot",
    "king protea",
    "spear thistle",
    "yellow iris",
    "globe-flower",
    "purple coneflower",
    "peruvian lily",
    "balloon flower",
    "giant white arum lily",
    "fire lily",
    "pincushion flower",
    "fritillary",
    "red ginger",
    "grape hyacinth",
    "corn poppy",
    "prince of wales feathers",
    "stemless gentian",
    "artichoke",
    "sweet william",
    "carnation",
    "garden phlox",
    "love in the mist",
    "mexican aster",
    "alpine sea holly",
    "ruby-lipped cattleya",
    "cape flower",
    "great masterwort",
    "siam tulip",
    "lenten rose",
    "barbeton daisy",
    "daffodil",
    "sword lily",
    "poinsettia",
    "bolero deep blue",
    "wallflower",
    "marigold",
    "buttercup",
    "oxeye daisy",
    "common dandelion",
    "petunia",
    "wild pansy",
    "primula",
    "sunflower",
    "pelargonium",
    "bishop of llandaff",
    "gaura",
    "geranium",
    "orange dahlia",
    "pink-yellow dahlia?",
    "cautleya spicata",
    "japanese anemone",
    "black-eyed susan",
    "silverbush",
    "californian poppy",
    "osteospermum",
    "spring crocus",
    "bearded iris",
    "windflower",
    "tree poppy",
    "gazania",
    "azalea",
    "water lily",
    "rose",
    "thorn apple",
    "morning glory",
    "passion flower",
    "lotus",
    "toad lily",
    "anthurium",
    "frangipani",
    "clematis",
    "hibiscus",
    "columbine",
    "desert-rose",
    "tree mallow",
    "magnolia",
    "cyclamen",
    "watercress",
    "canna lily",
    "hippeastrum",
    "bee balm",
    "ball moss",
    "foxglove",
    "bougainvillea",
    "camellia",
    "mallow",
    "mexican petunia",
    "bromelia",
    "blanket flower",
    "trumpet creeper",
    "blackberry lily",
)
# fmt: on


def _listed() -> Sequence[OfficialFile]:
    from torchvision.datasets import Flowers102

    return [
        OfficialFile(name, md5, (Flowers102._download_url_prefix + name,))
        for name, md5 in Flowers102._file_dict.values()
    ]


FILES = OfficialFiles("Oxford Flowers-102", "flowers-102", _listed)


def make(folder: Path, on_progress: Progress) -> tuple[LabelledImages, LabelledImages]:
    """Fetch what is missing, verify, unpack, and scale each photograph."""
    from torchvision.datasets import Flowers102
    from torchvision.datasets.utils import extract_archive

    FILES.fetch(folder, on_progress)
    on_progress(0.0, "Unpacking the images")
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as passing:
        unpacked = FILES.folder(Path(passing))
        unpacked.mkdir()
        for file in FILES.listed():
            if file.name.endswith(".mat"):
                shutil.copyfile(FILES.folder(folder) / file.name, unpacked / file.name)
            else:
                extract_archive(str(FILES.folder(folder) / file.name), str(unpacked))
        splits = {
            name: Flowers102(passing, split=name, transform=lambda image: square(image, 3, SIDE))
            for name in (*TRAIN, *TEST)
        }
        total, done = sum(len(split) for split in splits.values()), 0

        def read(split: Any) -> LabelledImages:
            nonlocal done
            pixels = torch.empty(len(split), 3, SIDE, SIDE, dtype=torch.uint8)
            labels = torch.empty(len(split), dtype=torch.int64)
            for index in range(len(split)):
                pixels[index], labels[index] = split[index]
                done += 1
                if done % 100 == 0:
                    on_progress(done / total, f"Scaling image {done:,} of {total:,}")
            return LabelledImages(pixels, labels)

        return _together(read(splits[name]) for name in TRAIN), _together(read(splits[name]) for name in TEST)


def _together(parts: Any) -> LabelledImages:
    parts = list(parts)
    return LabelledImages(
        torch.cat([part.pixels for part in parts]), torch.cat([part.labels for part in parts])
    )
