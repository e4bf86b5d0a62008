#!/usr/bin/env python3
"""sbom.py: what the binary is made of, as CycloneDX 1.6 on standard output: every package that is built into it or builds it, with
version, licence, checksum and what it depends on, from `cargo metadata` and Cargo.lock. The same sources give the same bytes.
"""
import json
import pathlib
import subprocess
import sys
import tomllib
import uuid

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = "x86_64-unknown-linux-gnu"
# A name of our own to derive the document's number from.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "tributary")


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def licence(package):
    text = package.get("license")
    # Older packages write `MIT/Apache-2.0`, which is no expression.
    return [{"expression": text.replace("/", " OR ")}] if text else []


def built_from(node):
    """The packages that one is built with: not those of its tests."""
    for dependency in node["deps"]:
        if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
            yield dependency["pkg"]


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(command, cwd=HOUSE, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    lock = tomllib.loads((HOUSE / "Cargo.lock").read_text())
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}
    root = next(id for id, package in packages.items() if package["name"] == "tributary" and package["source"] is None)

    reached, waiting = set(), [root]
    while waiting:
        id = waiting.pop()
        if id not in reached:
            reached.add(id)
            waiting.extend(built_from(nodes[id]))

    def component(id):
        package = packages[id]
        made = {"type": "application" if id == root else "library", "bom-ref": purl(package), "name": package["name"],
                "version": package["version"], "purl": purl(package), "licenses": licence(package)}
        if package.get("description"):
            made["description"] = " ".join(package["description"].split())
        checksum = checksums.get((package["name"], package["version"]))
        if checksum:
            made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return made

    order = sorted(reached, key=lambda id: (packages[id]["name"], packages[id]["version"]))
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": component(root)},
        "components": [component(id) for id in order if id != root],
        "dependencies": [{"ref": purl(packages[id]), "dependsOn": sorted({purl(packages[on]) for on in built_from(nodes[id])})}
                         for id in order],
    }
    number = uuid.uuid5(NAMESPACE, json.dumps(document, sort_keys=True))
    json.dump({"serialNumber": f"urn:uuid:{number}", **document}, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
