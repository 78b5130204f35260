"""A run that was really trained, in a store, and what a document needs of it."""

from tests.core.training.conftest import (  # noqa: F401 (fixtures)
    float32,
    network,
    request_small,
    silhouettes,
    silhouettes_folder,
    store,
)
from tests.core.training.export.conftest import trained  # noqa: F401 (a fixture)
