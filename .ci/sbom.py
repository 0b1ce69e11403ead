#!/usr/bin/env python3
"""Prints what the program is made of on a target as CycloneDX 1.6: sbom.py TARGET.

Only what is linked in is "required"; what runs while it is built (build scripts and procedural macros of its own) is
"excluded", the word of CycloneDX for it. The same tree gives the same document.
"""

import json
import os
import subprocess
import sys
import tomllib
import uuid
from datetime import datetime, timezone


def cargo(*words: str) -> str:
    return subprocess.run(["cargo", *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def tree(target: str, edges: str) -> set[tuple[str, str]]:
    """Names and versions of the packages along these edges; unlike the metadata, without what only tests turn on."""
    lines = cargo("tree", "--locked", "--target", target, "--edges", edges, "--prefix", "none", "--format", "{p}")
    return {(name, version[1:]) for name, version, *_ in map(str.split, lines.splitlines())}


def reference(name: str, version: str) -> str:
    return f"pkg:cargo/{name}@{version.replace('+', '%2B')}"


def component(package: dict, checksum: str | None, required: bool) -> dict:
    name, version = package["name"], package["version"]
    made = {
        "type": "library",
        "bom-ref": reference(name, version),
        "name": name,
        "version": version,
        "scope": "required" if required else "excluded",
        "purl": reference(name, version),
    }
    if checksum:
        made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package["license"]:
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package["repository"]:
        made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return made


def main(target: str) -> None:
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target))
    with open("Cargo.lock", "rb") as lock:
        checksums = {(one["name"], one["version"]): one.get("checksum") for one in tomllib.load(lock)["package"]}
    linked, used = tree(target, "normal,no-proc-macro"), tree(target, "no-dev")
    key = {one["id"]: (one["name"], one["version"]) for one in metadata["packages"]}
    packages = {key[one["id"]]: one for one in metadata["packages"] if key[one["id"]] in used}
    root = key[metadata["resolve"]["root"]]
    components = {at: component(one, checksums[at], at in linked) for at, one in sorted(packages.items())}
    own = components.pop(root) | {"type": "application"}
    dependencies = []
    for node in sorted(metadata["resolve"]["nodes"], key=lambda node: key[node["id"]]):
        if key[node["id"]] in used:
            kinds = {key[one["pkg"]]: {kind["kind"] for kind in one["dep_kinds"]} for one in node["deps"]}
            on = sorted(reference(*at) for at, kind in kinds.items() if at in used and kind != {"dev"})
            dependencies.append({"ref": reference(*key[node["id"]]), "dependsOn": on})
    time = os.environ.get("SOURCE_DATE_EPOCH") or commit_time()
    print(json.dumps({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, target, dependencies]))}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(int(time), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": own,
            "properties": [{"name": "cdx:rustc:sbom:target:triple", "value": target}],
        },
        "components": list(components.values()),
        "dependencies": dependencies,
    }, indent=1))


def commit_time() -> str:
    """When the tree was committed."""
    return subprocess.run(["git", "log", "-1", "--format=%ct"], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
