# Mistake: no zero_grad
# The same slope of 2 is asked for three times. Because backward() adds to x.grad, it grows to 2, 4 and 6: an
# optimizer would take ever larger steps. Put `x.grad = None` into the loop to mend it.
x = torch.tensor(1.0, requires_grad=True)
for i in range(3):
    y = 2 * x
    y.backward()
    print(x.grad)
