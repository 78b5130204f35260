"""A network in a link: by its name while it is as the gallery has it, else packed into one word."""

import base64
import binascii
import zlib

from core.networks.edit import rename
from core.networks.gallery import NAMED_NETWORKS
from core.networks.json_form import MOST_CHARACTERS, from_json, to_json
from core.networks.spec import NetworkSpec, SpecError

MARK = "z1."  # packed, form 1: JSON, compressed by zlib, in URL-safe base64 without its padding


def encode(spec: NetworkSpec) -> str:
    """The word that stands for `spec` in a link; needs no escaping."""
    if NAMED_NETWORKS.get(spec.name) == spec:
        return spec.name
    packed = zlib.compress(to_json(spec).encode(), level=9)
    return MARK + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(word: str) -> NetworkSpec:
    """The network that `word` stands for; raises SpecError if it stands for none."""
    if word in NAMED_NETWORKS:
        return NAMED_NETWORKS[word]
    if not word.startswith(MARK):
        raise SpecError(
            f"There is no network named {word[:60]!r}; the named networks are {', '.join(NAMED_NETWORKS)}."
        )
    try:
        return from_json(_unpack(word.removeprefix(MARK)))
    except (binascii.Error, zlib.error, UnicodeError, ValueError) as error:
        reason = str(error) if isinstance(error, SpecError) else "it is damaged or was cut short."
        raise SpecError(f"The design in this link can't be read: {reason}") from None


def _unpack(text: str) -> str:
    packed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    stream = zlib.decompressobj()
    data = stream.decompress(packed, 4 * MOST_CHARACTERS)  # bounded: a few bytes can unpack to gigabytes
    if not stream.eof:
        raise zlib.error("cut short, or far too long")
    return data.decode()


CHANGED = ", changed"


def changed_from(spec: NetworkSpec) -> NetworkSpec:
    """`spec`, called "LeNet, changed" if it was LeNet, until it has a name of its own or LeNet's layers again.

    How its weights begin, and which are trained, makes it no other network.
    """
    original = NAMED_NETWORKS.get(spec.name.removesuffix(CHANGED))
    if not original:
        return spec
    return rename(spec, original.name if spec.layers == original.layers else f"{original.name}{CHANGED}")
