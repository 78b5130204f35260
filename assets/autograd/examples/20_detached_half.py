# Mistake: detached by accident
# y is x², yet x.grad is 3 and not 2x = 6. The detached copy holds the same number but counts as a constant, so one of
# the two paths is missing. Nothing warns of it: `.detach()`, `.item()` and numbers copied into `torch.tensor` all cut
# the graph silently.
x = torch.tensor(3.0, requires_grad=True)
copy = x.detach()
y = x * copy
y.backward()
