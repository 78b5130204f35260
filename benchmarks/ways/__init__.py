"""Ways to train a network, each measured in a process of its own: ours, the floor, and what others use.

`python -m benchmarks.ways NAME THREADS` reads a task a line and answers each with its images a second.
"""
