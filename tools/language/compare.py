#!/usr/bin/env python3
"""Compares measures of how little a value resembles language, on labelled values.

    python3 tools/language/compare.py VALUES        VALUES: one `group<TAB>label<TAB>value` a line, label 1 for a secret

For each measure: the area under the curve, and the F1 of a threshold chosen on all groups but one and applied to that one
(cross-validation by group, a group being a repository).
"""
import collections
import math
import os
import re
import sys

DATA = os.path.join(os.path.dirname(__file__), "../../src/scan/generic/data")
WORDS = {word: int(cost) / 4 for cost, word in map(str.split, open(os.path.join(DATA, "words.txt")))}
TABLE = open(os.path.join(DATA, "trigram.bin"), "rb").read()
code = lambda letter: ord(letter) - 96 if "a" <= letter <= "z" else 0


def trigram(value):
    bits, value = 0.0, value.lower()
    for place, letter in enumerate(value):
        if not code(letter):
            bits += 3.3 if letter.isdigit() else 4
            continue
        two = code(value[place - 1]) if place else 0
        one = code(value[place - 2]) if place > 1 and two else 0
        bits += TABLE[(one * 27 + two) * 27 + code(letter)] / 16
    return bits / len(value)


def subwords(value):
    value = value.lower()
    best = [0.0] + [math.inf] * len(value)
    for start in range(len(value)):
        best[start + 1] = min(best[start + 1], best[start] + (5.2 if value[start].isalnum() else 2))
        for end in range(start + 2, min(len(value), start + 12) + 1):
            cost = WORDS.get(value[start:end])
            if cost is not None:
                best[end] = min(best[end], best[start] + cost)
    return best[-1] / len(value)


def both(value):
    """The subwords' reading, letters outside of words by the trigrams, numbers by their steps: what the scanner ships."""
    value = value.lower()
    best = [0.0] + [math.inf] * len(value)
    start = 0
    for start in range(len(value)):
        letter = value[start]
        if letter.isdigit():
            run = re.match(r"\d+", value[start:]).group()
            bits = 3.3 + sum(0.6 if int(b) - int(a) in (-1, 0, 1, 9, -9) else 3.3 for a, b in zip(run, run[1:]))
            best[start + len(run)] = min(best[start + len(run)], best[start] + bits)
        elif code(letter):
            two = code(value[start - 1]) if start else 0
            one = code(value[start - 2]) if start > 1 and two else 0
            best[start + 1] = min(best[start + 1], best[start] + TABLE[(one * 27 + two) * 27 + code(letter)] / 16)
        else:
            best[start + 1] = min(best[start + 1], best[start] + (2 if letter in "_-. /:" else 5))
        for end in range(start + 2, min(len(value), start + 12) + 1):
            cost = WORDS.get(value[start:end])
            if cost is not None:
                best[end] = min(best[end], best[start] + cost)
    return best[-1] / len(value)


def classes(value):
    """Entropy of the characters, and a bit for each class that occurs."""
    counts = collections.Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy + sum(any(test(letter) for letter in value) for test in (str.isdigit, str.islower, str.isupper))


def f1(rows, threshold):
    hit = sum(label and score >= threshold for score, label in rows)
    said = sum(score >= threshold for score, _ in rows)
    return 2 * hit / max(1, said + sum(label for _, label in rows))


def main():
    rows = [line.rstrip("\n").split("\t", 2) for line in open(sys.argv[1], errors="replace")]
    rows = [(group, label == "1", value[:96]) for group, label, value in rows if value]
    print(f"{len(rows)} values, {sum(label for _, label, _ in rows)} secrets, {len({group for group, _, _ in rows})} groups")
    print("| measure | area under the curve | F1, cross-validated |")
    print("|---|---|---|")
    for name, measure in (("entropy and classes", classes), ("trigrams", trigram), ("subwords", subwords), ("subwords over trigrams", both)):
        scored = [(group, measure(value), label) for group, label, value in rows]
        order = sorted((score, label) for _, score, label in scored)
        below = area = 0
        for _, label in order:
            area += below if label else 0
            below += not label
        area /= max(1, below * (len(order) - below))
        hit = said = true = 0
        steps = sorted({score for _, score, _ in scored})[:: max(1, len(scored) // 150)]
        for held in sorted({group for group, _, _ in rows}):
            rest = [(score, label) for group, score, label in scored if group != held]
            threshold = max(steps, key=lambda step: f1(rest, step))
            own = [(score, label) for group, score, label in scored if group == held]
            hit += sum(label and score >= threshold for score, label in own)
            said += sum(score >= threshold for score, _ in own)
            true += sum(label for _, label in own)
        print(f"| {name} | {area:.3f} | {2 * hit / max(1, said + true):.3f} |")


if __name__ == "__main__":
    main()
