# Mistake: backward on a vector
# This program ends in an error on purpose. y has three elements, so "the gradient of y" would be a 3 × 3 Jacobian;
# backward() multiplies it by an upstream gradient, which it can guess only for a scalar. Reduce y with `.sum()`, or
# give `gradient=`.
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x ** 2
y.backward()
