# Two layers and cross-entropy
# A small classifier: matrix product, ReLU, matrix product, and the cross-entropy of the logits. The gradient of the
# logits is (softmax − one-hot) / batch size; from there each matrix product goes back by products with its transposed
# factors. Where a ReLU was off, its gradient is 0.
X = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]])
target = torch.tensor([0, 1, 1])
W1 = torch.tensor([[0.5, -0.5, 1.0], [0.25, 1.0, -1.0]], requires_grad=True)
W2 = torch.tensor([[1.0, -1.0], [0.5, 0.25], [-0.5, 1.0]], requires_grad=True)
h = torch.relu(X @ W1)
logits = h @ W2
loss = F.cross_entropy(logits, target)
loss.backward()
