"""What neural networks are made of: layers as functions, and losses."""

import torch.nn.functional as F

from core.autograd.operations.cost import broadcast
from core.autograd.operations.dropout import DROPOUT
from core.autograd.operations.matrix_cost import linear
from core.autograd.operations.operation import FUNCTIONAL, TORCH, Rule, operation
from core.autograd.operations.window_cost import convolution, pooling

_LOSS = "input: tensor, target: tensor, reduction: text="
_WINDOW = "input: tensor, kernel_size: pair, stride: pair?, padding: pair="

LAYERS = (
    operation("linear", (FUNCTIONAL,), "input: tensor, weight: tensor, bias: tensor?", F.linear,
              "{input} @ {weight}ᵀ + {bias}",
              {"Addmm": Rule(("{up}", "{up} @ weight", "inputᵀ @ {up}"),
                             factors=((), ("up", "@", "mat2ᵀ"), ("mat1ᵀ", "@", "up")))}, cost=linear),
    operation("conv2d", (FUNCTIONAL, TORCH),
              "input: tensor, weight: tensor, bias: tensor?, stride: pair=, padding: pair=, dilation: pair=, "
              "groups: whole=", F.conv2d,
              "the kernel slides over the image: a sum of products at each place",
              {"Convolution": Rule(("{up} convolved with the flipped kernel (transposed convolution)",
                                    "{input} correlated with {up}",
                                    "{up}, summed over images, rows and columns"))}, cost=convolution),
    operation("max_pool2d", (FUNCTIONAL,), _WINDOW, F.max_pool2d, "the largest element of each window",
              {"MaxPool2DWithIndices":
              Rule(("{up} to the largest element of each window, 0 to the others",))},
              cost=pooling),
    operation("avg_pool2d", (FUNCTIONAL,), _WINDOW, F.avg_pool2d, "the mean of each window",
              {"AvgPool2D": Rule(("{up} / window size, spread over each window",))}, cost=pooling),
    operation("batch_norm", (FUNCTIONAL,),
              "input: tensor, running_mean: tensor?, running_var: tensor?, weight: tensor?, bias: tensor?, "
              "training: flag=, momentum: number=, eps: number=", F.batch_norm,
              "({input} − mean) / √(var + ε) · weight + bias, over the batch",
              {"NativeBatchNorm": Rule(("weight / (N·σ) · (N·{up} − Σ {up} − x̂ · Σ {up}·x̂), in training mode",
                                        "Σ {up} · x̂ over the batch", "Σ {up} over the batch"))}),
    operation("layer_norm", (FUNCTIONAL,),
              "input: tensor, normalized_shape: sizes, weight: tensor?, bias: tensor?, eps: number=",
              F.layer_norm,
              "({input} − mean) / √(var + ε) · weight + bias, for each example",
              {"NativeLayerNorm": Rule(("weight / (N·σ) · (N·{up} − Σ {up} − x̂ · Σ {up}·x̂), for each example",
                                        "Σ {up} · x̂ over the examples", "Σ {up} over the examples"))}),
    DROPOUT,
    operation("mse_loss", (FUNCTIONAL,), _LOSS, F.mse_loss, "mean of ({input} − {target})²",
              {"MseLoss": Rule(("{up} · 2 · ({input} − {target}) / n",
              "−{up} · 2 · ({input} − {target}) / n"))},
              cost=broadcast),
    operation("l1_loss", (FUNCTIONAL,), _LOSS, F.l1_loss, "mean of |{input} − {target}|", cost=broadcast),
    operation("huber_loss", (FUNCTIONAL,), _LOSS + ", delta: number=", F.huber_loss,
              "squared near 0, linear beyond δ",
              {"HuberLoss": Rule(("{up} · (({input} − {target}) kept within ±δ) / n",
                                  "−{up} · (({input} − {target}) kept within ±δ) / n"))}, cost=broadcast),
    operation("cross_entropy", (FUNCTIONAL,), _LOSS + ", label_smoothing: number=", F.cross_entropy,
              "mean of −log_softmax({input})[target]"),
    operation("nll_loss", (FUNCTIONAL,), _LOSS, F.nll_loss, "mean of −{input}[target]",
              {"NllLoss": Rule(("−{up} / N at the target class, 0 elsewhere",))}),
    operation("binary_cross_entropy", (FUNCTIONAL,), _LOSS, F.binary_cross_entropy,
              "mean of −(t · ln p + (1 − t) · ln(1 − p))",
              {"BinaryCrossEntropy": Rule(("{up} · (p − t) / (p · (1 − p)) / n",
              "{up} · ln((1 − p) / p) / n"))}),
    operation("binary_cross_entropy_with_logits", (FUNCTIONAL,), _LOSS,
              lambda input, target, reduction="mean": F.binary_cross_entropy_with_logits(
                  input, target, reduction=reduction),
              "mean of −(t · ln σ(x) + (1 − t) · ln(1 − σ(x)))",
              {"BinaryCrossEntropyWithLogits": Rule(("{up} · (σ({input}) − {target}) / n",))}),
)  # fmt: skip
