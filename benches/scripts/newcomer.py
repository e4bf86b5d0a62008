#!/usr/bin/env python3
"""What a newcomer waits for: from a bare clone to why an amount is what it is, compiling included.

    benches/scripts/newcomer.py [--tests]

Clones what is committed here into a folder of its own, runs the README's first command there, waits until the demo tells its
story, and runs the first line of it that explains a trade. With --tests the README's second command is compiled after it too
(`cargo test --no-run`), in the same clone, and in another one that has built nothing before. Crates are fetched before the
clock starts; nothing else may be running on the machine. The folder is removed at the end.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parents[2]
FIRST = ["cargo", "run", "--", "demo", "--listen", "127.0.0.1:0"]


def clone(folder: pathlib.Path) -> pathlib.Path:
    subprocess.run(["git", "clone", "--quiet", str(HERE), str(folder)], check=True)
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=folder, check=True)
    return folder


def until_explained(house: pathlib.Path, data: pathlib.Path) -> None:
    begun = time.monotonic()

    def told(what: str) -> None:
        seconds = time.monotonic() - begun
        print(f"{what:<55} {int(seconds // 60)} min {seconds % 60:04.1f} s", flush=True)

    demo = subprocess.Popen([*FIRST, "--data", str(data)], cwd=house, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in demo.stdout:
            if "Running `" in line:
                told("compiled, and started")
            elif line.startswith("Begin at "):
                told("the history is recorded, and the pages answer")
            elif line.strip().startswith("$ ") and "trades/explain" in line:
                command = line.strip().removeprefix("$ ")
                said = subprocess.run(shlex.split(command), cwd=house, capture_output=True, text=True)
                if said.returncode != 0 or not re.search(r"rate", said.stdout):
                    sys.exit(f"{command}\nended with {said.returncode}: {said.stdout}{said.stderr}")
                told("why this amount is so")
                print(f"\n$ {command}\n{said.stdout}")
                return
        sys.exit(f"the demo ended with {demo.wait()} and explained nothing")
    finally:
        demo.terminate()
        demo.wait()


def compiled(house: pathlib.Path, what: str) -> None:
    begun = time.monotonic()
    subprocess.run(["cargo", "test", "--no-run", "--quiet"], cwd=house, check=True, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - begun
    print(f"{what:<55} {int(seconds // 60)} min {seconds % 60:04.1f} s", flush=True)


def main() -> None:
    if sys.argv[1:] not in ([], ["--tests"]):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        house = clone(pathlib.Path(folder) / "tributary")
        until_explained(house, pathlib.Path(folder) / "ledger")
        if sys.argv[1:]:
            compiled(house, "`cargo test` compiled after it")
            subprocess.run(["rm", "-r", str(house / "target")], check=True)
            compiled(house, "`cargo test` compiled, nothing before it")


main()
