# A loop with a choice
# The graph is built while the program runs, so it holds only what really ran: at x = 2 this is x⁴ − 3x². Set x to 1:
# the other branch never runs, and it becomes x⁵. A library with a static graph has to define both branches first.
x = torch.tensor(2.0, requires_grad=True)
y = x
for i in range(4):
    if y < 5:
        y = y * x
    else:
        y = y - 3 * x
y.backward()
