import threading

import pytest
import torch
from torch import nn

from core.inspection.preserve import own_copy, preserved


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU()), nn.Flatten(), nn.Linear(8, 2)
    )


def state(model: nn.Module) -> list[object]:
    """All that may be borrowed of a model, comparable."""
    return [
        [module.training for module in model.modules()],
        [
            (list(module._forward_hooks), list(module._forward_pre_hooks), list(module._backward_hooks))
            for module in model.modules()
        ],
        [(p.requires_grad, None if p.grad is None else p.grad.tolist()) for p in model.parameters()],
        [buffer.tolist() for buffer in model.buffers()],
    ]


def disturb(model: nn.Module) -> None:
    model.train()
    for module in model.modules():
        module.register_forward_hook(lambda *_: None)
        module.register_forward_pre_hook(lambda *_: None)
        module.register_full_backward_hook(lambda *_: None)
    model(torch.rand(2, 1, 4, 4)).sum().backward()  # moves the running statistics, adds into .grad
    for parameter in model.parameters():
        parameter.requires_grad_(not parameter.requires_grad)


@pytest.mark.parametrize("fails", [False, True])
def test_everything_comes_back_also_after_an_error(fails: bool) -> None:
    model = network()
    model.eval()
    model[0].train()  # a mixed state, which a plain model.eval() at the end would not restore
    model[0].register_forward_hook(lambda *_: None)  # the lender's own hook stays
    model(torch.rand(2, 1, 4, 4)).sum().backward()
    model[2].weight.requires_grad_(False)
    before = state(model)
    own_gradient = model[2].bias.grad
    try:
        with preserved(model) as lent:
            assert all(p.grad is None for p in lent.parameters())
            disturb(lent)
            assert state(model) != before
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        assert fails
    assert state(model) == before
    assert model[2].bias.grad is own_gradient


def test_one_thread_at_a_time_may_borrow_a_model() -> None:
    model = network()
    inside, go_on = threading.Event(), threading.Event()
    modes: list[bool] = []

    def first() -> None:
        with preserved(model):
            model.eval()
            inside.set()
            go_on.wait(5)

    def second() -> None:
        inside.wait(5)
        with preserved(model):
            modes.append(model.training)

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    assert inside.wait(5)
    threads[1].join(0.05)
    assert modes == []  # the second waits
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert modes == [True]  # and sees the model as it was


def test_a_copy_shares_nothing_and_is_in_eval_mode() -> None:
    model = network().train()
    before = state(model)
    copied = own_copy(model)
    assert not any(module.training for module in copied.modules())
    disturb(copied)
    for parameter in copied.parameters():
        parameter.data.zero_()
    assert state(model) == before
    assert model[2].weight.abs().sum() > 0
