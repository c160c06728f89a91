def matmul(a, b, n):
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        row = a[i]
        out = c[i]
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += row[k] * b[k][j]
            out[j] = s
    return c


m = [[float(i + j) for j in range(30)] for i in range(30)]
while True:
    matmul(m, m, 30)
