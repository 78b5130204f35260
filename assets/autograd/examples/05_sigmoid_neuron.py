# A sigmoid neuron
# One neuron with two inputs: weighted sum, bias, sigmoid. The sigmoid's local derivative s(1 − s) is at most 0.25,
# so it always shrinks what passes; where the neuron is sure, next to nothing comes through.
x = torch.tensor([2.0, -1.0])
w = torch.tensor([0.5, 1.5], requires_grad=True)
b = torch.tensor(0.25, requires_grad=True)
z = w @ x + b
s = torch.sigmoid(z)
loss = (s - 1) ** 2
loss.backward()
