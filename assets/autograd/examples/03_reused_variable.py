# A variable used twice
# x takes part in two terms, so two gradients arrive at it and are added: 2x from the square and 3 from the product,
# together 7 at x = 2. The sum over all paths is the multivariable chain rule.
x = torch.tensor(2.0, requires_grad=True)
y = x ** 2 + 3 * x
y.backward()
print(x.grad)
