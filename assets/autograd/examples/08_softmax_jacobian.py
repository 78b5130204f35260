# Softmax and its Jacobian
# Softmax has three outputs, so its derivative is a 3 × 3 matrix, and a backward pass with a one-hot gradient gives one
# row of it: s_i (1 − s_i) on the diagonal, −s_i · s_j beside it. Each row sums to 0, because the probabilities always
# sum to 1. torch.autograd.grad returns the row and leaves z.grad alone.
z = torch.tensor([2.0, 1.0, 0.0], requires_grad=True)
s = torch.softmax(z, dim=0)
one_hot = torch.eye(3)
row0 = torch.autograd.grad(s, z, one_hot[0], retain_graph=True)[0]
row1 = torch.autograd.grad(s, z, one_hot[1], retain_graph=True)[0]
row2 = torch.autograd.grad(s, z, one_hot[2])[0]
J = torch.stack([row0, row1, row2])
print(J)
