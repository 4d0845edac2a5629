"""Counts how often each pair of byte classes stands in source text, for src/scan/prefilter/pairs.bin.

    python3 tools/prefilter/pairs.py FOLDER... > src/scan/prefilter/pairs.bin

Each folder counts the same, whatever its size; of each, 2,500 files between 1 KB and 3 MB are read. The shipped table was made of public
trees: git, Rails, Spring Boot, Ansible, aws-sdk-js, and a folder of npm packages (minified code, source maps, JSON).
"""

import math
import pathlib
import random
import sys

CLASSES = 64


def class_of(byte):
    """As `class` in src/scan/prefilter/window.rs."""
    return byte & 0x1F | byte >> 1 & 0x20


def files(folder):
    sized = (path for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and not path.is_symlink())
    chosen = [path for path in sized if 1_000 < path.stat().st_size < 3_000_000]
    return random.Random(1).sample(chosen, min(2_500, len(chosen)))


def count(folder):
    table = bytes(class_of(byte) for byte in range(256))
    pairs = {}
    for path in files(folder):
        classes = path.read_bytes().translate(table)
        for parity in (0, 1):
            view = memoryview(classes[parity : parity + (len(classes) - parity) // 2 * 2]).cast("H")
            for pair in view:
                pairs[pair] = pairs.get(pair, 0) + 1
    total = sum(pairs.values())
    return {pair: number / total for pair, number in pairs.items()}


def main():
    folders = [count(folder) for folder in sys.argv[1:]]
    costs = bytearray()
    for number in range(CLASSES * CLASSES):
        pair = number & 63 | number >> 6 << 8
        share = sum(folder.get(pair, 0) for folder in folders) / len(folders)
        costs.append(min(255, round(-8 * math.log2(share + 1e-9))))
    sys.stdout.buffer.write(costs)


main()
