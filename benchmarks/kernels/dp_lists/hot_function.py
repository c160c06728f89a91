"""Edit distance of many pairs of words, on lists: one call per pair."""
import sys


def edit_distance(a, b):
    previous = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        current = [i] + [0] * len(b)
        for j in range(1, len(b) + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            best = previous[j - 1] + cost
            if previous[j] + 1 < best:
                best = previous[j] + 1
            if current[j - 1] + 1 < best:
                best = current[j - 1] + 1
            current[j] = best
        previous = current
    return previous[len(b)]


def make_word(state, length):
    word = []
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2147483648
        word.append("acgt"[state >> 16 & 3])
    return "".join(word), state


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10500
    state = 42
    total = 0
    for _ in range(pairs):
        a, state = make_word(state, 50)
        b, state = make_word(state, 45)
        total += edit_distance(a, b)
    print(total)


main()
