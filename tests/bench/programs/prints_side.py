import os

print(os.environ["SIDE"])
