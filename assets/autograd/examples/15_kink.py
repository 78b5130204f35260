# A kink: ReLU at 0
# At 0 the slope of ReLU is 0 on the left and 1 on the right: there is no derivative. PyTorch takes 0, so the middle
# element of x gets no gradient. Central differences would give 0.5; the check says that there is a kink and does not
# complain.
x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
y = torch.relu(x)
loss = (3 * y).sum()
loss.backward()
