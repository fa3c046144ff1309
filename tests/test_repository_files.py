"""Workflows, pre-commit, editor and git settings: they parse, and name what exists."""

import configparser
import importlib
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path):
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(workflow):
    """Return the steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def tool_calls(script):
    """Return the calls of tools/*.py in a step's script, each as a list of arguments."""
    joined = script.replace("\\\n", " ")
    lines = [line.strip() for line in joined.split("\n")]
    return [shlex.split(line)[1:] for line in lines if line.startswith("python tools/")]


def test_the_workflows_are_here():
    assert [path.name for path in WORKFLOWS] == ["colab-gpu.yml", "cpu.yml", "hard.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_may_only_read_and_ends_in_time(path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    # In YAML 1.1, which this parser reads, `on` is the truth value.
    assert {"schedule", "workflow_dispatch"} <= set(workflow[True])
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step)
        # Text from outside reaches a script through variables, never inside its source.
        assert not re.search(r"\$\{\{\s*(inputs|github|secrets)", step.get("run", ""))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_calls_tools_that_take_these_options(path):
    calls = [call for step in steps(load(path)) for call in tool_calls(step.get("run", ""))]
    assert calls
    for script, *arguments in calls:
        assert (ROOT / script).is_file()
        command = [sys.executable, script, "--help"]
        help_text = subprocess.run(
            command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True
        ).stdout
        for argument in arguments:
            if argument.startswith("--"):
                assert argument in help_text


def test_workflow_names_files_that_exist():
    cache = steps(load(ROOT / ".github" / "workflows" / "cpu.yml"))[1]["with"]
    paths = cache["cache-dependency-path"].split()
    assert paths
    assert all((ROOT / path).is_file() for path in paths)


def test_cpu_workflow_covers_three_systems_and_both_environments():
    job = load(ROOT / ".github" / "workflows" / "cpu.yml")["jobs"]["test"]
    rows = [tuple(row.values()) for row in job["strategy"]["matrix"]["include"]]
    systems = ["ubuntu-latest", "macos-latest", "windows-latest"]
    wanted = {(system, "newest", "3.12") for system in systems}
    wanted |= {(system, "colab", "3.13") for system in systems}
    assert set(rows) == wanted | {("ubuntu-latest", "newest", "3.11")}
    assert len(rows) == len(set(rows))


def test_colab_workflow_pins_the_command_and_names_its_secret():
    path = ROOT / ".github" / "workflows" / "colab-gpu.yml"
    text = path.read_text(encoding="utf-8")
    header = text[: text.index("name: ")]
    secrets = set(re.findall(r"secrets\.(\w+)", text))
    assert secrets == {"COLAB_CREDENTIALS"}
    assert all(f"Secret {name}" in header for name in secrets)
    assert "Not verified" in header
    assert re.search(r"google-colab-cli==\d+\.\d+\.\d+\n", text)
    limit = int(re.search(r"--timeout (\d+)", text).group(1))
    assert limit < 60 * load(path)["jobs"]["notebooks"]["timeout-minutes"]


def test_pre_commit_works_without_a_network():
    repositories = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [entry["repo"] for entry in repositories] == ["local"]
    hooks = {hook["id"]: hook for hook in repositories[0]["hooks"]}
    assert list(hooks) == ["ruff-check", "ruff-format", "mypy", "notebooks"]
    for hook in hooks.values():
        assert hook["language"] == "system"
        program, *arguments = hook["entry"].split()
        assert version(program)
        for argument in arguments:
            if argument.startswith("tests/"):
                assert (ROOT / argument).is_file()


def test_editor_settings_parse():
    text = (ROOT / ".editorconfig").read_text(encoding="utf-8")
    settings = configparser.ConfigParser()
    settings.read_string(f"[top]\n{text}")
    assert settings["top"]["root"] == "true"
    assert settings["*"]["end_of_line"] == "lf"
    assert settings["data/**"]["end_of_line"] == "unset"


def git(folder, *arguments):
    """Run git in a folder of the test's own; return what it prints."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    result = subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True
    )
    return result.stdout


def test_line_endings_survive_a_clone_on_windows(tmp_path):
    tree, clone = tmp_path / "tree", tmp_path / "clone"
    contents = {
        "data/table.csv": b"a,b\n1,2\n",
        "data/crlf.csv": b"a,b\r\n1,2\r\n",
        "data/card.json": b"{}\n",
        "data/images.npz": b"PK\x03\x04\n\r\n",
        "notebooks/01_a.ipynb": b'{\n "cells": []\n}\n',
        ".ci/run": b"#!/usr/bin/env bash\n",
        "Makefile": b"test:\n\ttrue\n",
    }
    for name, content in contents.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
    (tree / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    git(tree, "init", "--quiet")
    git(tree, "-c", "core.autocrlf=true", "add", "--all")
    git(tree, "commit", "--quiet", "--message", "A commit")
    windows = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    git(tmp_path, "clone", "--quiet", *windows, str(tree), str(clone))
    assert {name: (clone / name).read_bytes() for name in contents} == contents


def test_sanitizing_hides_what_differs_and_nothing_else():
    patterns = importlib.import_module("nbval.plugin").get_sanitize_patterns(
        (ROOT / "tests" / "nbval_sanitize.cfg").read_text(encoding="utf-8")
    )

    def sanitized(text):
        for pattern, replacement in patterns:
            text = re.sub(pattern, replacement, text)
        return text

    assert len(patterns) == 4
    hidden = {
        "trained in 12.3 s": "trained in TIME",
        "469/469 - 2s 4ms/step": "469/469 - TIME TIME",
        "latency 0.8 ms, or 3 minutes": "latency TIME, or TIME",
        "at 12:34:56": "at TIME",
        "<object at 0x7f3a12c0ffee>": "<object at ADDRESS>",
        "see /tmp/ipykernel_123/456.py": "see PATH",
        r"see C:\Users\a\course": "see PATH",
        "'/content/course/data'": "'PATH'",
    }
    assert {text: sanitized(text) for text in hidden} == hidden
    kept = [
        "✔ test accuracy is at least 0.994",
        "✔ R² is 0.71 (within 0.005)",
        "shape (3, 4), 5 steps, 10 samples, 2 species",
        "0x1f and and/or, km/h, 3/4, litres/100 km",
        "https://github.com/keras-team/keras/issues",
        "Correct: 3 of 3 cases.",
    ]
    assert [sanitized(text) for text in kept] == kept
