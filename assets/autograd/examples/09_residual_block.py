# A residual block
# y = x + F(x): the input reaches the output on two paths. Over the residual connection the upstream gradient comes
# back unchanged, whatever W1 and W2 are, and what comes through the two layers is added to it. That is why very deep
# networks of such blocks can be trained.
x = torch.tensor([[1.0, -2.0]], requires_grad=True)
W1 = torch.tensor([[0.5, -1.0], [0.25, 1.0]], requires_grad=True)
W2 = torch.tensor([[1.0, 0.5], [-0.5, 2.0]], requires_grad=True)
h = torch.relu(x @ W1 + 0.5)
y = x + h @ W2
loss = (y * y).sum() / 2
loss.backward()
