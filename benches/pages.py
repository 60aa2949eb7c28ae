#!/usr/bin/env python3
"""How long pages take and how much memory the server holds, on a running demonstration.

    python3 benches/pages.py [URL] [ROUNDS]

Steps into several persons, opens each page ROUNDS times (default 100) over one connection, one request at a time, and
prints p50 and p95 in milliseconds; then the resident memory of the processes that listen on the URL's port. Nothing is
asserted: a figure belongs to the machine that printed it.
"""

import http.client
import os
import re
import sys
import time
import urllib.parse

PAGES = {
    None: ["/", "/catalogue", "/catalogue?q=revenu", "/catalogue?q=health&theme=health"],
    "ada": ["/applications", "/bubbles", "/exports", "/basket", "/me", "/notices"],
    "chloe": ["/producer", "/data"],
    "farid": ["/secretary"],
    "grace": ["/checks"],
    "ines": ["/security", "/log", "/people"],
    "marc": ["/host"],
}


def connect(url):
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port or 80)


def step_in(connection, person):
    """The cookies of a person of the demonstration."""
    body = urllib.parse.urlencode({"person": person})
    connection.request("POST", "/demo/step-in", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    return "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")


def patiently(connection, method, page, headers):
    """Asks again after a 429, as long as it says: reads of one address are limited. Gives seconds, answer, content."""
    while True:
        begin = time.perf_counter()
        connection.request(method, page, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        spent = time.perf_counter() - begin
        if answer.status != 429:
            return spent, answer, content
        time.sleep(int(answer.getheader("Retry-After", "1")))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def resident(port):
    """Resident bytes of each process that listens on the port, by /proc (Linux)."""
    wanted = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in open(table).read().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                wanted.add(f"socket:[{fields[9]}]")
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            links = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
            if links & wanted:
                found[pid] = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) * 1024
        except OSError:
            continue
    return found


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8470"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    connection = connect(url)
    every = []
    print(f"{'page':44} {'p50 ms':>8} {'p95 ms':>8} {'KiB':>7}")
    for person, pages in PAGES.items():
        headers = {"Accept-Language": "fr"}
        if person:
            headers["Cookie"] = step_in(connection, person)
        for page in pages:
            times, size = [], 0
            for _ in range(rounds):
                spent, answer, content = patiently(connection, "GET", page, headers)
                size = len(content)
                times.append(spent * 1000)
                if answer.status != 200:
                    raise SystemExit(f"{page} as {person}: {answer.status}")
            every += times
            name = f"{page} ({person or 'visitor'})"
            print(f"{name:44} {percentile(times, .5):8.2f} {percentile(times, .95):8.2f} {size / 1024:7.1f}")
    print(f"{'all pages':44} {percentile(every, .5):8.2f} {percentile(every, .95):8.2f}")
    for pid, size in resident(urllib.parse.urlsplit(url).port or 80).items():
        print(f"resident memory of process {pid}: {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
