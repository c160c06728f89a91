def edit_distance(s, t):
    previous = list(range(len(t) + 1))
    for i in range(len(s)):
        current = [i + 1] * (len(t) + 1)
        for j in range(len(t)):
            cost = 0 if s[i] == t[j] else 1
            current[j + 1] = min(previous[j + 1] + 1, current[j] + 1, previous[j] + cost)
        previous = current
    return previous[-1]


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for i, w in enumerate(weights):
        v = values[i]
        for c in range(capacity, w - 1, -1):
            take = best[c - w] + v
            if take > best[c]:
                best[c] = take
    return best[capacity]


while True:
    edit_distance('kitten sitting' * 4, 'sitting kitten' * 4)
    knapsack([3, 4, 5, 9, 14], [3, 4, 4, 10, 15], 400)
