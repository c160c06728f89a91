"""Nothing but the time of its first line: the start-up measure."""
import time

FIRST_LINE = time.time()
import json
import sys

print(json.dumps({"first_line": FIRST_LINE, "rounds": []}), file=sys.stderr)
