# Other threads, signals and forks beside a loop.
import os
import signal
import sys
import threading
import time


def work(n):
    s = 0
    for i in range(n):
        s += i % 7
    return s


results = []
threads = [threading.Thread(target=lambda: results.append(work(60000))) for _ in range(3)]
for t in threads:
    t.start()
print(work(300000))
for t in threads:
    t.join()
print(results)

hits = []
signal.signal(signal.SIGALRM, lambda number, frame: hits.append(frame.f_code.co_name))
signal.setitimer(signal.ITIMER_REAL, 0.01)
end = time.time() + 5
while not hits and time.time() < end:
    work(1000)
print(len(hits))

pid = os.fork()
if pid == 0:
    print("child", work(400000), flush=True)
    os._exit(7)
print(os.waitpid(pid, 0)[1] >> 8, work(200000))


class Stop(Exception):
    pass


# On a busy machine the first alarm may come before the loop has run at all.
def stop(number, frame):
    if i > 1000:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise Stop


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
try:
    i = 0
    while True:
        i += 1
except Stop:
    print("stopped", i > 1000)

traced = []


def trace(frame, event, argument):
    if frame.f_code is work.__code__ and event != "line":
        traced.append(event)
    return trace


work(50000)
sys.settrace(trace)
work(50)
sys.settrace(None)
print(traced)
print(work(50000))
# Long enough for a server on a busy machine to answer.
end = time.time() + 2
while time.time() < end:
    work(3000)
