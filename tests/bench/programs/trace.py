"""Writes down who ran it."""
import os
import sys

with open(sys.argv[1], "a") as trace:
    trace.write(os.environ["SIDE"] + "\n")
print("same")
