# Four variables, six operations
# Going back, six local derivatives are enough for all four gradients. a and d are used twice: once inside the
# square, once after it. Their gradients are whole only when both contributions have arrived.
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
c = torch.tensor(-1.0, requires_grad=True)
d = torch.tensor(4.0, requires_grad=True)
p = a * b
q = c * d
r = p + q
s = r ** 2
t = s - a
loss = t / d
loss.backward()
