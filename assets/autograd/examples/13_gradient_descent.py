# Gradient descent in a loop
# Three steps downhill on (w − 1)². The graph is built anew in each turn, and ends when backward() has used it. The
# update itself must not be recorded, hence no_grad, and the gradient is zeroed, because backward() adds to it.
w = torch.tensor(2.0, requires_grad=True)
for i in range(3):
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
    print(f"turn {i}: loss {loss:.4f}, w {w:.4f}")
