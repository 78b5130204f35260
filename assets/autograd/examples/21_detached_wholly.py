# Mistake: nothing left to differentiate
# This program ends in an error on purpose. The prediction is detached before it enters the loss, so no path leads from
# the loss back to w, and w.grad stays None. Leave out `.detach()` to mend it.
w = torch.tensor([0.5, -1.0], requires_grad=True)
x = torch.tensor([2.0, 1.0])
prediction = (w @ x).detach()
loss = (prediction - 1) ** 2
loss.backward()
