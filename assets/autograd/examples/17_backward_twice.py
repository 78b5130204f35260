# Mistake: backward twice
# This program ends in an error on purpose. The first backward() gives x.grad = 3x² = 12 and frees the saved tensors of
# the graph, so a second one has nothing to work with. `retain_graph=True` in the first call keeps them; x.grad is then
# 24, because gradients accumulate.
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
y.backward()
y.backward()
