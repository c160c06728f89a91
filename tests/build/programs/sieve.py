def sieve(n):
    flags = [True] * (n + 1)
    i = 2
    while i * i <= n:
        if flags[i]:
            for k in range(i * i, n + 1, i):
                flags[k] = False
        i += 1
    primes = []
    for i in range(2, n + 1):
        if flags[i]:
            primes.append(i)
    return len(primes)


while True:
    sieve(20000)
