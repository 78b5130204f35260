# Mistake: a saved tensor changed in place
# This program ends in an error on purpose. exp is its own derivative, so its node saves the output y; the line y += 1
# then overwrites it, and PyTorch, which counts versions, refuses to give a wrong gradient. `y = y + 1` mends it.
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.exp(x)
y += 1
loss = y.sum()
loss.backward()
