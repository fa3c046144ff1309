"""Write the repository's address everywhere it stands.

    python tools/publish.py owner/name     the GitHub repository that learners fetch
    python tools/publish.py --unpublish    back to the address nobody can register

Changes pyproject.toml (the one place that holds the address), the badge and the
set-up cell of every notebook, and the links in the Markdown pages. All or
nothing: when one file cannot be changed, none is. Running it again changes nothing.
"""

import argparse
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import nbformat
from address import ROOT, repository
from lesson import stamp_address
from notebook_files import lesson_files


class PublishError(Exception):
    """Nothing was changed; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="?", default="", metavar="owner/name")
    parser.add_argument("--unpublish", action="store_true", help="back to no address")
    options = parser.parse_args(arguments)
    try:
        if options.unpublish and options.repository:
            raise PublishError("Give either an address or --unpublish, not both.")
        new = unpublished(ROOT) if options.unpublish else checked(options.repository)
        changed = publish(ROOT, new)
    except PublishError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    for path in changed:
        print(f"changed {path.relative_to(ROOT).as_posix()}")
    print(f"publish: the course's address is {new}; {len(changed)} files changed.")
    if changed and not options.unpublish:
        print(f"Commit and push them to https://github.com/{new}, to its branch `main`.")
    return 0


def checked(address: str) -> str:
    """Return `address` when GitHub allows such an "owner/name".

    Raises:
        PublishError: when it does not; the message says which rule is broken.
    """
    example = "Write owner/name, as in ada/deep-learning"
    if not address:
        raise PublishError(f"The repository is missing. {example}.")
    if "://" in address or address.startswith(("git@", "github.com/")):
        raise PublishError(f"{address!r} is a web address. {example}.")
    if address.count("/") != 1:
        raise PublishError(f"{address!r} is not an owner and a name with one slash. {example}.")
    owner, name = address.split("/")
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", owner) or len(owner) > 39:
        raise PublishError(
            f"{owner!r} cannot be a GitHub account: these have 1 to 39 letters and digits (a-z, "
            "A-Z, 0-9), with single hyphens between them."
        )
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or name in (".", ".."):
        raise PublishError(
            f"{name!r} cannot be a GitHub repository: these have 1 to 100 letters, digits "
            "(a-z, A-Z, 0-9), hyphens, underscores and full stops."
        )
    if name.lower().endswith((".git", ".wiki")):
        raise PublishError(f"{name!r} cannot be a GitHub repository: leave out the ending.")
    return address


def unpublished(root: Path) -> str:
    """Return the address before publishing; no GitHub account can begin with a hyphen."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return f"-unpublished-/{settings['project']['name']}"


def publish(root: Path, new: str) -> list[Path]:
    """Write the address `new` into all files below `root`; return those that changed.

    Raises:
        PublishError: when a file cannot be read, understood or written; then
            all files are as they were.
    """
    try:
        old = repository(root)
        contents = {root / "pyproject.toml": settings_with(root, new)}
        for path in sorted([*root.glob("*.md"), *root.glob("notebooks/*.md")]):
            contents[path] = moved(path.read_bytes().decode("utf-8"), old, new)
        for path in lesson_files(root):
            contents[path] = moved(notebook_with(path, new), old, new)
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise PublishError(f"Nothing was changed: {error}.") from error
    contents = {
        path: text for path, text in contents.items() if path.read_bytes() != text.encode("utf-8")
    }
    replace_all(contents)
    return list(contents)


def settings_with(root: Path, new: str) -> str:
    """Return the text of pyproject.toml with the address `new`."""
    text = (root / "pyproject.toml").read_bytes().decode("utf-8")
    line = re.compile(r'(^\[tool\.course\]\s*^repository = )"[^"\n]*"', flags=re.M)
    text, count = line.subn(lambda match: f'{match[1]}"{new}"', text)
    if count != 1 or tomllib.loads(text)["tool"]["course"]["repository"] != new:
        raise PublishError(
            "Nothing was changed: pyproject.toml should have the lines [tool.course] and, "
            'right below it, repository = "owner/name".'
        )
    return text


def notebook_with(path: Path, new: str) -> str:
    """Return the text of a notebook with the badge and the set-up cell for `new`."""
    try:
        notebook = nbformat.reads(path.read_bytes().decode("utf-8"), as_version=4)
        stamp_address(notebook, path.name, new)
        nbformat.validate(notebook)
    except (ValueError, AttributeError, IndexError, StopIteration) as error:
        raise PublishError(
            f"Nothing was changed: {path} is not a notebook with a title and a set-up cell "
            f"({type(error).__name__}: {error})."
        ) from error
    return nbformat.writes(notebook) + "\n"


def moved(text: str, old: str, new: str) -> str:
    """Return `text` with the address `new` wherever `old` stood as a whole."""
    whole = rf"(?<![A-Za-z0-9_.-]){re.escape(old)}(?![A-Za-z0-9_-])"
    return re.sub(whole, lambda match: new, text)


def replace_all(contents: dict[Path, str]) -> None:
    """Write all files, or none.

    Raises:
        PublishError: when one cannot be written; then all are as they were.
    """
    before = {path: path.read_bytes() for path in contents}
    staged = {path: path.with_name(f"{path.name}.new") for path in contents}
    replaced: list[Path] = []
    try:
        for path, temporary in staged.items():
            temporary.write_bytes(contents[path].encode("utf-8"))
            shutil.copymode(path, temporary)
        for path, temporary in staged.items():
            os.replace(temporary, path)
            replaced.append(path)
    except OSError as error:
        for path in replaced:
            path.write_bytes(before[path])
        raise PublishError(f"Nothing was changed: {error}.") from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
