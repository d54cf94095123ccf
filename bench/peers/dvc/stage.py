"""A stage that only writes outputs of given sizes: `stage.py INPUT… -- NAME=BYTES…`. What it writes depends on its inputs alone."""

import hashlib
import sys
from pathlib import Path

cut = sys.argv.index("--")
inputs, outputs = sys.argv[1:cut], sys.argv[cut + 1 :]
seed = hashlib.sha256()
for name in inputs:
    path = Path(name)
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        seed.update(file.read_bytes())
for entry in outputs:
    name, size = entry.rsplit("=", 1)
    target = Path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    block = hashlib.sha512(seed.digest() + name.encode()).digest()
    target.write_bytes((block * (int(size) // len(block) + 1))[: int(size)])
