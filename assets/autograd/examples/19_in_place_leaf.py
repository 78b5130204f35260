# Mistake: an update without no_grad
# This program ends in an error on purpose. w.grad is 2(w − 1) = 4 by then, but the update itself must not become a
# part of the graph: a leaf that is changed in place would no longer be a leaf. Put the last line under
# `with torch.no_grad():`.
w = torch.tensor(3.0, requires_grad=True)
loss = (w - 1) ** 2
loss.backward()
w -= 0.1 * w.grad
