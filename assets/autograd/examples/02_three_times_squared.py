# 3(x + 2)² averaged
# The program that PyTorch's own tutorial begins with: out = ¼ Σ 3(x + 2)², so each x.grad is 6(x + 2) / 4 = 4.5 at
# x = 1. Watch how y receives two contributions, because y · y uses it twice, and how the mean spreads 1 into quarters.
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
out.backward()
