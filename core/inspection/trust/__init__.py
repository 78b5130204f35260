"""Whether an attribution map can be believed: what it does when the network, the class or the image change."""
