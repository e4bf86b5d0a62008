#!/usr/bin/env python3
"""check.py BINARY: every manifest against Kubernetes' own schemas (kubernetes-validate), and what no schema says: that names
and ports meet, that there is one pod on a volume that no second pod can mount, and that the settings are taken by the binary.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).resolve().parent
NAME = {"app.kubernetes.io/name": "tributary"}
# Kinds that no schema of Kubernetes knows: an operator's, and kustomize's own.
UNKNOWN = {"ServiceMonitor", "Kustomization"}


def need(holds, what):
    if not holds:
        sys.exit(f"kubernetes: {what}")


def documents(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def main():
    need(len(sys.argv) == 2, "usage: check.py BINARY")
    listed = documents(HERE / "base" / "kustomization.yaml")[0]
    there = {path.name for path in (HERE / "base").glob("*.yaml")} - {"kustomization.yaml"}
    need(set(listed["resources"]) == there, f"kustomization.yaml lists {listed['resources']}, there are {sorted(there)}")

    by_kind, judged = {}, 0
    for path in [*sorted((HERE / "base").glob("*.yaml")), HERE / "secret.example.yaml"]:
        for document in documents(path):
            by_kind.setdefault(document["kind"], []).append(document)
            if document["kind"] in UNKNOWN:
                continue
            try:
                kubernetes_validate.validate(document, "1.32", strict=True)
            except kubernetes_validate.ValidationError as error:
                sys.exit(f"{path.name}: {'.'.join(map(str, error.path))}: {error.message}")
            judged += 1

    stateful = by_kind["StatefulSet"][0]["spec"]
    pod = stateful["template"]["spec"]
    container = pod["containers"][0]
    need(stateful["replicas"] == 1, "more than one pod")
    need(stateful["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOncePod"], "a second pod may mount the volume")
    need(stateful["template"]["metadata"]["labels"] == NAME == stateful["selector"]["matchLabels"], "the pod's labels")
    need(stateful["serviceName"] in {service["metadata"]["name"] for service in by_kind["Service"]}, "the pod's service")
    selectors = [service["spec"]["selector"] for service in by_kind["Service"]]
    selectors += [by_kind[kind][0]["spec"]["selector"]["matchLabels"] for kind in ("PodDisruptionBudget", "ServiceMonitor")]
    selectors.append(by_kind["NetworkPolicy"][0]["spec"]["podSelector"]["matchLabels"])
    need(all(selector == NAME for selector in selectors), "a selector that finds something else")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        need(container[probe]["httpGet"]["port"] == "probes", f"{probe} asks elsewhere")
    watched = [service for service in by_kind["Service"] if service["metadata"].get("labels") == NAME]
    need(len(watched) == 1 and watched[0]["spec"]["ports"][0]["name"] == by_kind["ServiceMonitor"][0]["spec"]["endpoints"][0]["port"],
         "Prometheus would scrape the pod twice, or not at all")
    secrets = {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    need(secrets == {by_kind["Secret"][0]["metadata"]["name"]}, "the secret has another name")

    # The settings, as the pod has them, but for the key's place.
    with tempfile.TemporaryDirectory() as folder:
        key = pathlib.Path(folder) / "hs256"
        key.write_text(by_kind["Secret"][0]["stringData"]["hs256"])
        settings = (HERE / "base" / "tributary.toml").read_text()
        named = re.search(r'^hs256_secret_file = "(.*)/(.*)"', settings, re.MULTILINE)
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        need(named[1] in mounts and named[2] in by_kind["Secret"][0]["stringData"], "the key is not mounted where it is looked for")
        copy = pathlib.Path(folder) / "tributary.toml"
        copy.write_text(settings.replace(f"{named[1]}/{named[2]}", str(key)))
        shown = subprocess.run([sys.argv[1], "config", "--config", copy, "--format", "csv"], capture_output=True, text=True)
        need(shown.returncode == 0, f"the settings are not taken: {shown.stderr}")
        for name, port in (("listen", ports["http"]), ("http.probes_listen", ports["probes"])):
            need(re.search(rf"^{name},0\.0\.0\.0:{port},", shown.stdout, re.MULTILINE), f"{name} is not the pod's port {port}")
    stop = re.search(r"^stop_seconds = (\d+)", (HERE.parent / "tributary.example.toml").read_text(), re.MULTILINE)
    need(pod["terminationGracePeriodSeconds"] > int(stop[1]) + 5, "the pod is killed before its end is bounded")
    print(f"kubernetes: {judged} manifests are what their schemas say, and meet")


main()
