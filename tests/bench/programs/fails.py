import sys

print("about to fail", file=sys.stderr)
raise ValueError("broken on purpose")
