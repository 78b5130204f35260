# Broadcasting
# b has shape (3,) and is stretched over both rows of x. Going back, the gradients of its copies are summed, so that
# b.grad has the shape of b again. Everything that is copied forwards is summed backwards.
x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
b = torch.tensor([10.0, 20.0, 30.0], requires_grad=True)
y = (x * b).sum()
y.backward()
