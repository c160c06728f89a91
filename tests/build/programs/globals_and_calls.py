counter = 0
log = []


def bump(n):
    global counter
    counter += n


class Tracker:
    def __setattr__(self, name, value):
        global counter
        counter += 1


tracker = Tracker()


def loop(n):
    global counter
    for i in range(n):
        counter += 1
        bump(2)
        tracker.x = i
        if counter % 1000 == 0:
            log.append(counter)
            del log[:]
    return counter


while True:
    loop(500)
