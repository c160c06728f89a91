def fannkuch(n):
    perm1 = list(range(n))
    count = [0] * n
    flips_max = checksum = 0
    r = n
    sign = 1
    while True:
        while r != 1:
            count[r - 1] = r
            r -= 1
        perm = perm1[:]
        flips = 0
        k = perm[0]
        while k:
            perm[: k + 1] = perm[k::-1]
            flips += 1
            k = perm[0]
        if flips > flips_max:
            flips_max = flips
        checksum += sign * flips
        while True:
            if r == n:
                return checksum, flips_max
            p0 = perm1[0]
            for i in range(r):
                perm1[i] = perm1[i + 1]
            perm1[r] = p0
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        sign = -sign


while True:
    fannkuch(7)
