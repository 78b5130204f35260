"""A network as a PyTorch Lightning program: the same layers in a module that knows how it is trained."""

from core.networks.analysis import Analysis
from core.networks.source.beginning import beginning
from core.networks.source.names import class_name
from core.networks.source.outline import outline
from core.networks.source.pytorch import example, heading, init_and_forward

_IMPORTS = """\
import lightning as L
import torch
from torch import nn
from torch.nn import functional as F

"""

_TRAINING = """
    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        return self.measure(batch, "train")

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        return self.measure(batch, "validation")

    def measure(self, batch: tuple[torch.Tensor, torch.Tensor], split: str) -> torch.Tensor:
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        accuracy = (logits.argmax(dim=1) == labels).float().mean()
        self.log_dict({f"{split}_loss": loss, f"{split}_accuracy": accuracy}, prog_bar=True)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


"""

_FIT = """
# With DataLoaders of (images, labels), this trains it:
# trainer = L.Trainer(max_epochs=6)
# trainer.fit(model, train_loader, validation_loader)
"""


def write(analysis: Analysis) -> str:
    """The program."""
    network = outline(analysis)
    name = class_name(network.spec.name)
    module = [*heading(network), f"class {name}(L.LightningModule):", *init_and_forward(network)]
    return (
        _IMPORTS
        + "\n"
        + "\n".join(module)
        + "\n"
        + _TRAINING
        + f"model = {name}()\n"
        + beginning(network, "layers")
        + example(network)
        + _FIT
    )
