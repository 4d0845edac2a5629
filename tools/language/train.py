#!/usr/bin/env python3
"""Trains the language measure of `scan::generic` on public source text.

    python3 tools/language/train.py FOLDER OUT      FOLDER holds one checked-out public repository in each sub-folder

Writes two files into OUT (src/scan/generic/data):
- words.txt   the commonest words, one a line, with the cost of naming one in quarter bits; `cost word`, sorted by word
- trigram.bin 27*27*27 bytes: the cost of a letter after two others in sixteenths of a bit (a-z is 1-26, a word's edge is 0)

A word is a run of letters, split where a small letter meets a capital, folded to lower case. To keep names, keys and
misspellings of one project out, a word counts once for each file and is kept only if at least three repositories use it.
"""
import collections
import math
import os
import re
import sys

TEXT = re.compile(r"\.(?:py|rb|js|ts|tsx|go|rs|java|kt|c|h|cc|cpp|cs|php|sh|ps1|yml|yaml|toml|md|mdx|rst|adoc|txt|html|sql|tf)$")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LONGEST_FILE = 200_000
FILES_PER_REPOSITORY = 5000
WORDS = 24_000


def count(folder):
    by_word, repositories = collections.Counter(), collections.defaultdict(set)
    for number, name in enumerate(sorted(os.listdir(folder))):
        paths = [os.path.join(at, file) for at, _, files in os.walk(os.path.join(folder, name)) if "/.git" not in at
                 for file in files if TEXT.search(file)]
        paths.sort()
        step = max(1, len(paths) // FILES_PER_REPOSITORY)
        for path in paths[::step]:
            with open(path, encoding="utf-8", errors="ignore") as source:
                text = source.read(LONGEST_FILE)
            for word in {found.lower() for found in WORD.findall(text)}:
                if 2 <= len(word) <= 12:
                    by_word[word] += 1
                    repositories[word].add(number)
    return {word: count for word, count in by_word.items() if len(repositories[word]) >= 3 and count >= 6}


def words(counts, out):
    top = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
    # Short words occur by chance in anything: only the commonest of them are kept.
    rank = {word: place for place, word in enumerate(top)}
    top = [word for word in top if len(word) > 3 or (len(word) == 3 and rank[word] < 3000) or rank[word] < 150]
    total = sum(counts[word] for word in top)
    with open(os.path.join(out, "words.txt"), "w") as file:
        for word in sorted(top):
            cost = round(-math.log2(counts[word] / total) * 4)
            file.write(f"{cost} {word}\n")


def trigrams(counts, out):
    code = lambda letter: 0 if letter == "^" else ord(letter) - 96
    seen = collections.Counter()
    for word, number in counts.items():
        weight = 1 + math.log2(number)
        padded = "^^" + word + "^"
        for place in range(2, len(padded)):
            seen[padded[place - 2:place + 1]] += weight
    pairs, singles = collections.Counter(), collections.Counter()
    for key, number in seen.items():
        pairs[key[1:]] += number
        singles[key[2]] += number
    total = sum(singles.values())
    after, context = collections.Counter(), collections.Counter()
    for key, number in seen.items():
        after[key[:2]] += number
        context[key[1]] += number
    table = bytearray(27 ** 3)
    letters = "^abcdefghijklmnopqrstuvwxyz"
    for one in letters:
        for two in letters:
            for three in letters:
                single = singles[three] / total
                pair = (pairs[two + three] + 8 * single) / (context[two] + 8)
                triple = (seen[one + two + three] + 8 * pair) / (after[one + two] + 8)
                place = (code(one) * 27 + code(two)) * 27 + code(three)
                table[place] = min(255, round(-math.log2(triple) * 16))
    with open(os.path.join(out, "trigram.bin"), "wb") as file:
        file.write(table)


def main():
    folder, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    counts = count(folder)
    words(counts, out)
    trigrams(counts, out)
    print(f"{len(counts)} words seen")


if __name__ == "__main__":
    main()
