# A convolution
# A 2 × 2 kernel slides over a 3 × 3 image and gives a 2 × 2 feature map. Each weight of the kernel is used at four
# places, so its gradient is the sum of four products. Each upstream number goes back to the whole window that it came
# from: the middle pixel, seen by all four windows, collects from all of them.
image = torch.tensor([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, -1.0, 1.0]]]], requires_grad=True)
kernel = torch.tensor([[[[1.0, -1.0], [0.5, 2.0]]]], requires_grad=True)
feature_map = F.conv2d(image, kernel)
loss = (feature_map * feature_map).sum() / 2
loss.backward()
