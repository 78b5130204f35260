# A product
# Two scalars, one multiplication. Each factor's gradient is the other factor, because a · b grows by b when a
# grows by 1. Only a and b are leaves: c is made by an operation, so its gradient passes through and is not kept.
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(-3.0, requires_grad=True)
c = a * b
c.backward()
