# Softmax and its Jacobian
# Softmax has three outputs, so its derivative is a 3 × 3 matrix, and a backward pass with a one-hot gradient gives one
# row of it: s_i (1 − s_i) on the diagonal, −s_i · s_j beside it. Each row sums to 0, because the probabilities always
# sum to 1.
z = torch.tensor([2.0, 1.0, 0.0], requires_grad=True)
s = torch.softmax(z, dim=0)
one_hot = torch.eye(3)
for i in range(3):
    z.grad = None
    s.backward(gradient=one_hot[i], retain_graph=True)
    print(z.grad)
