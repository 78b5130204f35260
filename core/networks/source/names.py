"""A design's name as the name of a class and of a file."""

import keyword
import re
import unicodedata

_TAKEN = {"L", "F"}  # what the programs import under these names


def class_name(name: str) -> str:
    """`ResNet18` for "ResNet-18", `LeNet6_12` for "LeNet-6-12"; `Network` where nothing is left of it."""
    words = [word[0].upper() + word[1:] for word in _words(name)]
    joined = re.sub(r"(?<=\d) (?=\d)", "_", " ".join(words)).replace(" ", "")
    if not joined:
        return "Network"
    if joined[0].isdigit() or keyword.iskeyword(joined) or joined in _TAKEN:
        return f"Network{joined}"
    return joined


def file_name(name: str, ending: str) -> str:
    """`lenet_6_12_keras.py`, which every file system takes."""
    return f"{stem(name)}{ending}.py"


def stem(name: str) -> str:
    """`lenet_6_12`: a name in letters, digits and underscores."""
    return "_".join(_words(name)).lower() or "network"


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.findall(r"[A-Za-z0-9]+", plain)
