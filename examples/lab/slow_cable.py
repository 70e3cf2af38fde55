"""A long and slow cable between two interfaces: each frame takes its time, and there is room for so
many bits a second. What does not fit waits, for a quarter of a second at most.

    slow_cable.py INTERFACE INTERFACE DELAY_MS MBIT       says "ready" when it is
"""
import collections
import select
import sys
import time

from cable import open_end, taken

WAITS_SECONDS = 0.25


class Way:
    """Frames in one direction: when each is to leave, in order."""

    def __init__(self, here, there, delay, bits_per_second):
        self.here, self.there, self.delay, self.rate = here, there, delay, bits_per_second
        self.free = 0.0
        self.frames = collections.deque()

    def take(self):
        data = taken(self.here)
        now = time.monotonic()
        begins = max(now, self.free)
        if data is None or begins - now > WAITS_SECONDS:
            return
        self.free = begins + 8 * len(data) / self.rate
        self.frames.append((self.free + self.delay, data))

    def give(self):
        now = time.monotonic()
        while self.frames and self.frames[0][0] <= now:
            self.there.send(self.frames.popleft()[1])


one, other = (open_end(interface) for interface in sys.argv[1:3])
delay, rate = float(sys.argv[3]) / 1000, float(sys.argv[4]) * 1e6
ways = [Way(one, other, delay, rate), Way(other, one, delay, rate)]
print("ready", flush=True)
while True:
    due = [way.frames[0][0] for way in ways if way.frames]
    wait = max(0.0, min(due) - time.monotonic()) if due else None
    ready, _, _ = select.select([one, other], [], [], wait)
    for way in ways:
        if way.here in ready:
            way.take()
        way.give()
