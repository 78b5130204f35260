# A product
# Only a asks for a gradient, so only a.grad is filled: it is b, because a · b grows by b when a grows by 1. b is a
# constant here, and c is made by an operation, so its gradient passes through and is not kept.
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(-3.0)
c = a * b
c.backward()
