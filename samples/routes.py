"""Finds the cheapest way through a hilly map, with a heap of the places that come next (Dijkstra's algorithm)."""
from heapq import heappop, heappush


class Map:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.heights = [[(x * x * 7 + y * y * 13 + x * y) % 97 for x in range(width)] for y in range(height)]

    def neighbours(self, x, y):
        found = []
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if 0 <= x + dx < self.width and 0 <= y + dy < self.height:
                found.append((x + dx, y + dy))
        return found

    def cost(self, x, y, to_x, to_y):
        climb = self.heights[to_y][to_x] - self.heights[y][x]
        return 1 + (climb if climb > 0 else 0)


def cheapest(land, start, goal):
    best = {start: 0}
    came_from = {}
    heap = [(0, start)]
    while heap:
        cost, place = heappop(heap)
        if place == goal:
            break
        if cost > best[place]:
            continue
        x, y = place
        for neighbour in land.neighbours(x, y):
            total = cost + land.cost(x, y, neighbour[0], neighbour[1])
            if neighbour not in best or total < best[neighbour]:
                best[neighbour] = total
                came_from[neighbour] = place
                heappush(heap, (total, neighbour))
    steps = 0
    place = goal
    while place != start:
        place = came_from[place]
        steps += 1
    return best[goal], steps


land = Map(520, 520)
for goal in [(519, 519), (519, 0), (260, 519)]:
    cost, steps = cheapest(land, (0, 0), goal)
    print(f"to {goal}: cost {cost}, {steps} steps")
