# Batch normalisation
# Four examples of one feature are brought to mean 0 and variance 1, then scaled by gamma and shifted by beta. x acts on
# three paths: directly, through the mean and through the variance. The three together make x.grad sum to 0:
# shifting all examples alike changes nothing.
x = torch.tensor([1.0, 3.0, 5.0, 7.0], requires_grad=True)
gamma = torch.tensor(2.0, requires_grad=True)
beta = torch.tensor(0.5, requires_grad=True)
target = torch.tensor([0.0, 1.0, 0.0, 3.0])
mean = x.mean()
var = ((x - mean) ** 2).mean()
normal = (x - mean) / torch.sqrt(var + 1e-5)
y = gamma * normal + beta
loss = ((y - target) ** 2).mean()
loss.backward()
