#!/usr/bin/env python3
"""How long the public catalogue takes to answer with 655 sources of 300 variables each, all facets counted.

    python3 benches/catalogue.py [URL] [ROUNDS]

Fills a running demonstration of its own (`bulle demo --dir DIR`; do not use one that you keep) with generated code books
through the same pages as a data manager, publishes them, then asks the catalogue ROUNDS times (default 300) for words of
several kinds over one connection, one request at a time, and prints p50 and p95 in milliseconds through HTTP, for the page
and for the JSON API. A second run fills in what is missing. Nothing is asserted.
"""

import http.client
import json
import random
import re
import sys
import time
import urllib.parse

SOURCES, VARIABLES = 655, 300
THEMES = ["health", "employment", "income", "education", "housing", "enterprises"]
TOPICS = [("revenu", "income"), ("santé", "health"), ("emploi", "employment"), ("logement", "housing"),
          ("scolarité", "schooling"), ("hospitalisation", "hospital stay"), ("salaire", "wage"), ("commune", "municipality"),
          ("ménage", "household"), ("entreprise", "firm"), ("diplôme", "degree"), ("retraite", "pension"),
          ("chômage", "unemployment"), ("médicament", "drug"), ("impôt", "tax"), ("établissement", "establishment")]
KINDS = [("Montant", "Amount"), ("Nombre", "Number"), ("Date", "Date"), ("Code", "Code"), ("Type", "Type"),
         ("Durée", "Duration"), ("Taux", "Rate"), ("Catégorie", "Category")]
DETAILS = [("du conjoint", "of the spouse"), ("de la personne de référence", "of the reference person"),
           ("au 31 décembre", "on 31 December"), ("au cours de l'année", "during the year"), ("corrigé", "corrected"),
           ("déclaré", "declared"), ("du père", "of the father"), ("principal", "main"), ("précédent", "previous")]
QUERIES = ["", "revenu", "income of the spouse", "hospitalisation", "salaire déclaré", "medicament", "diplome du pere",
           "var", "chomage", "unemploymnt", "établissement principal", "duration pension", "source 312", "zzz"]


def codebook(number, chance):
    """A DDI-Codebook 2.5 document; about 55 kB."""
    topic = chance.choice(TOPICS)
    lines = [f"""<?xml version="1.0" encoding="UTF-8"?>
<codeBook xmlns="ddi:codebook:2_5" version="2.5" xml:lang="en"><stdyDscr><citation><titlStmt>
<titl xml:lang="en">Bench source {number} on {topic[1]}</titl><altTitl>B{number}</altTitl>
<parTitl xml:lang="fr">Source d'essai {number} : {topic[0]}</parTitl><IDNo agency="bench">bench-{number}</IDNo></titlStmt></citation>
<stdyInfo><abstract xml:lang="en">Yearly file on {topic[1]}.</abstract><abstract xml:lang="fr">Fichier annuel : {topic[0]}.</abstract>
</stdyInfo></stdyDscr><dataDscr>"""]
    for at in range(VARIABLES):
        kind, about, detail = chance.choice(KINDS), chance.choice(TOPICS), chance.choice(DETAILS)
        lines.append(f'<var name="VAR{number}_{at}"><labl xml:lang="en">{kind[1]} ({about[1]}) {detail[1]}</labl>'
                     f'<labl xml:lang="fr">{kind[0]} ({about[0]}) {detail[0]}</labl></var>')
    return "".join(lines + ["</dataDscr></codeBook>"]).encode()


class Reader:
    """One connection of one person."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port or 80)
        self.headers = {}

    def ask(self, method, path, body=None, kind=None):
        headers = self.headers | ({"Content-Type": kind} if kind else {})
        while True:
            begin = time.perf_counter()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            content = answer.read()
            self.spent = time.perf_counter() - begin  # without the waiting below
            if answer.status != 429:
                return answer, content
            time.sleep(int(answer.getheader("Retry-After", "1")))  # one address is limited

    def step_in(self, person):
        body = urllib.parse.urlencode({"person": person})
        answer, _ = self.ask("POST", "/demo/step-in", body, "application/x-www-form-urlencoded")
        cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        self.headers["Cookie"] = "; ".join(cookies)


def fill(url):
    """Brings the sources in; those that are there stay."""
    karim = Reader(url)
    karim.step_in("karim")
    _, page = karim.ask("GET", "/data")
    producers = sorted(set(re.findall(rb"/data/sources/new\?producer=([0-9A-Za-z-]+)", page)))
    if not producers:
        raise SystemExit("karim, the demonstration's data manager, sees no producer at /data")
    chance, begin = random.Random(655), time.perf_counter()
    for number in range(SOURCES):
        document = codebook(number, chance)
        producer, theme = producers[number % len(producers)], chance.choice(THEMES)
        if karim.ask("GET", f"/catalogue/bench-{number}")[0].status == 200:
            continue
        boundary = "bench-boundary"
        fields = [("producer", producer), ("theme", theme.encode())]
        body = b"".join(b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary.encode(), name.encode(), value)
                        for name, value in fields)
        body += (b'--%s\r\nContent-Disposition: form-data; name="file"; filename="b.xml"\r\nContent-Type: text/xml\r\n\r\n%s\r\n--%s--\r\n'
                 % (boundary.encode(), document, boundary.encode()))
        answer, said = karim.ask("POST", "/data/sources/from-codebook", body, f"multipart/form-data; boundary={boundary}")
        if answer.status != 303:
            raise SystemExit(f"source {number}: {answer.status} {said[:2000].decode()}")
        source = re.search(r"/data/sources/([^/?]+)", answer.getheader("Location"))[1]
        answer, said = karim.ask("POST", f"/api/v1/sources/{source}/state", json.dumps({"act": "publish"}), "application/json")
        if answer.status != 200:
            raise SystemExit(f"source {number} is not published: {answer.status} {said[:500].decode()}")
    print(f"filled in {time.perf_counter() - begin:.1f} s")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8470"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    fill(url)
    visitor = Reader(url)
    visitor.headers["Accept-Language"] = "fr"
    _, listing = visitor.ask("GET", "/api/v1/catalogue")
    every = json.loads(listing)
    print(f"{every['sources']} sources, {every['variables']} variables")
    print(f"{'query':28} {'found':>6} {'api p50':>8} {'api p95':>8} {'page p50':>9} {'page p95':>9}   ms")
    all_times = {"api": [], "page": []}
    for query in QUERIES:
        asked, row, found = "?" + urllib.parse.urlencode({"q": query}), [], 0
        for name, path in (("api", "/api/v1/catalogue"), ("page", "/catalogue")):
            times = []
            for _ in range(rounds):
                answer, content = visitor.ask("GET", path + asked)
                times.append(visitor.spent * 1000)
                if answer.status != 200:
                    raise SystemExit(f"{path}{asked}: {answer.status}")
            if name == "api":
                found = json.loads(content)["sources"]
            all_times[name] += times
            row += [percentile(times, 0.5), percentile(times, 0.95)]
        print(f"{query or '(everything)':28} {found:6} {row[0]:8.2f} {row[1]:8.2f} {row[2]:9.2f} {row[3]:9.2f}")
    for name, times in all_times.items():
        print(f"{name}: p50 {percentile(times, 0.5):.2f} ms, p95 {percentile(times, 0.95):.2f} ms over {len(times)} requests")


if __name__ == "__main__":
    main()
