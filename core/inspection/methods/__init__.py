"""The attribution methods as one table: formula, meaning, when it misleads, controls, needs, cost, call."""

import warnings

from core.inspection.methods.changes import CHANGES
from core.inspection.methods.gradients import GRADIENTS
from core.inspection.methods.layers import LAYERS
from core.inspection.methods.method import Method
from core.inspection.methods.noise import NOISE
from core.inspection.methods.paths import PATHS
from core.inspection.methods.surrogates import SURROGATES

__all__ = ["METHODS", "Method"]

METHODS: dict[str, Method] = {**GRADIENTS, **NOISE, **PATHS, **LAYERS, **CHANGES, **SURROGATES}

# Captum warns that it sets hooks; here it does so on a copy that is thrown away
warnings.filterwarnings("ignore", message="Setting (forward, )?backward hooks")
