"""What a newcomer reads and installs first: pages whose links work, ranges that Colab satisfies."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "notebooks/README.md"]


def requirements(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_course_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith("https://"):
            assert (path.parent / link.split("#")[0]).exists(), link


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_commands_that_are_named_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for target in re.findall(r"\bmake ([a-z-]+)", text):
        assert target in targets, target
    for script in re.findall(r"python (\w+/\w+\.py)", text):
        assert (ROOT / script).exists(), script


def test_the_readme_gives_both_commands_with_and_without_make():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make lab", "make test", "course.py lab", "course.py test"):
        assert command in text


def test_every_range_holds_the_version_in_colab():
    in_colab = {
        pinned.name: next(iter(pinned.specifier)).version
        for pinned in requirements("tests/colab_constraints.txt")
    }
    checked = [wanted for wanted in requirements("requirements.txt") if wanted.name in in_colab]
    assert len(checked) >= 6
    for wanted in checked:
        assert wanted.specifier.contains(in_colab[wanted.name]), wanted


def test_every_requirement_has_a_lower_and_an_upper_bound():
    for wanted in requirements("requirements.txt"):
        assert {part.operator for part in wanted.specifier} == {">=", "<"}, wanted


def test_conda_users_get_the_same_packages():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "- -r requirements.txt" in text
    assert "tensorflow" not in text.split("dependencies:")[1]
