# A recurrent neuron
# The same w is used at each of four time steps, so its gradient is the sum of four contributions. On the way back each
# step multiplies by w · (1 − h²), here less than 0.6: the contributions of early steps shrink. This is the vanishing
# gradient.
w = torch.tensor(0.6, requires_grad=True)
h = torch.tensor(0.0)
x = torch.tensor([1.0, 0.5, -1.0, 2.0])
for i in range(4):
    h = torch.tanh(w * h + x[i])
h.backward()
