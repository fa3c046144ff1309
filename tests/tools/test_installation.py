"""Broken environments are made for real, and mended; what machines lack is said."""

import ast
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))

import course_commands  # noqa: E402
import interpreters  # noqa: E402

BASE = str(Path(sys.base_prefix) / ("python.exe" if sys.platform == "win32" else "bin/python3"))


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return where an environment is made; its packages are left out, for they take minutes."""
    monkeypatch.setattr(course_commands, "install_packages", lambda command: None)
    monkeypatch.setattr(course_commands, "check_packages", lambda inside: None)
    monkeypatch.setattr(course_commands, "too_little_space", lambda folder: "")
    return tmp_path / ".venv"


def has_pip(inside):
    return not subprocess.run(
        [str(inside), "-m", "pip", "--version"], capture_output=True
    ).returncode


def install(folder):
    return course_commands.install(BASE, "newest", False, folder)


def without_pip(folder):
    subprocess.run([BASE, "-m", "venv", "--without-pip", str(folder)], check=True)


def of_a_removed_python(folder):
    without_pip(folder)
    inside = course_commands.interpreter(folder)
    inside.unlink()
    inside.symlink_to(folder / "no" / "such" / "python3")


def stopped_in_its_first_second(folder):
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()


def with_a_marker_but_no_python(folder):
    folder.mkdir()
    found = course_commands.fingerprint("newest")
    (folder / "pyvenv.cfg").write_text("home = /nowhere")
    (folder / course_commands.MARKER).write_text(
        json.dumps({"fingerprint": found, "for_tests": True})
    )


def of_a_python_that_became_another(folder):
    without_pip(folder)
    found = course_commands.fingerprint("newest")
    text = json.dumps({"fingerprint": found, "for_tests": True})
    (folder / course_commands.MARKER).write_text(text)
    packages = next(folder.glob("lib/python3*"))
    packages.rename(packages.with_name("python3.0"))


def empty(folder):
    folder.mkdir()


@pytest.mark.parametrize(
    "broken",
    [
        without_pip,
        of_a_removed_python,
        stopped_in_its_first_second,
        with_a_marker_but_no_python,
        of_a_python_that_became_another,
        empty,
    ],
)
def test_a_broken_environment_is_made_anew(folder, broken):
    broken(folder)
    inside = install(folder)
    assert has_pip(inside)
    assert course_commands.ready("newest", False, folder) == inside


def test_a_whole_environment_is_left_as_it_is_and_a_damaged_marker_makes_it_anew(folder):
    inside = install(folder)
    own = folder / "own.txt"
    own.touch()
    assert install(folder) == inside
    assert own.exists()
    (folder / course_commands.MARKER).write_text("")
    install(folder)
    assert not own.exists()
    assert has_pip(inside)


def test_a_folder_that_is_something_else_is_not_cleared(folder):
    folder.mkdir()
    (folder / "thesis.docx").touch()
    with pytest.raises(course_commands.NotInstalled, match="no virtual environment"):
        install(folder)
    assert (folder / "thesis.docx").exists()


def test_a_python_that_cannot_make_environments_is_named(folder, tmp_path):
    crippled = tmp_path / "python3.12"
    crippled.write_text("#!/bin/sh\necho 'ensurepip is not available' >&2\nexit 1\n")
    crippled.chmod(0o755)
    with pytest.raises(course_commands.NotInstalled, match=r"apt install python3\.12-venv"):
        course_commands.install(str(crippled), "newest", False, folder)


# pip, really run


def pip(*arguments):
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *arguments]


def test_without_a_network_it_says_so():
    nowhere = ["--index-url", "http://127.0.0.1:9/simple", "--retries", "1", "--timeout", "1"]
    with pytest.raises(
        course_commands.NotInstalled, match="No package index was reached"
    ) as raised:
        course_commands.install_packages(pip(*nowhere, "no-such-package-here"))
    assert "HTTPS_PROXY" in str(raised.value)


def test_a_package_that_is_not_there_is_named(tmp_path):
    with pytest.raises(course_commands.NotInstalled, match="no-such-package-here"):
        course_commands.install_packages(
            pip("--no-index", "--find-links", str(tmp_path), "no-such-package-here")
        )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "5 GB"),
        ("WARNING: Retrying (Retry(total=4)) ... ProxyError('Cannot connect')", "HTTPS_PROXY"),
        ("ERROR: No matching distribution found for setuptools>=70", "HTTPS_PROXY"),
        ("ERROR: [Errno 13] Permission denied: 'numpy'", "Close what uses"),
        ("error: subprocess-exited-with-error", "Mend what it names"),
    ],
)
def test_what_pip_says_becomes_what_to_do(said, words):
    told = course_commands.why_pip_failed(["Collecting numpy", said])
    assert words in told
    assert said in told
    assert told.endswith("run the same command again.")


def test_settings_for_other_projects_do_not_reach_the_environment(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_TARGET", "/somewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://private.example/simple")
    settings = course_commands.own_settings()
    assert "PYTHONPATH" not in settings
    assert "PIP_TARGET" not in settings
    assert settings["PIP_USER"] == "0"
    assert settings["PIP_INDEX_URL"] == "https://private.example/simple"


def test_packages_that_do_not_import_are_named(monkeypatch):
    monkeypatch.setattr(course_commands, "IMPORTED", ("json", "no_such_module"))
    with pytest.raises(course_commands.NotInstalled, match="no_such_module"):
        course_commands.check_packages(Path(sys.executable))
    monkeypatch.setattr(course_commands, "IMPORTED", ("json",))
    course_commands.check_packages(Path(sys.executable))


# Other Pythons


@pytest.mark.parametrize("file", ["course.py", "interpreters.py"])
def test_the_first_files_are_read_by_old_pythons(file):
    ast.parse((TOOLS / file).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_a_python_that_does_not_fit_hands_over(tmp_path):
    for file in TOOLS.glob("*.py"):
        shutil.copy(file, tmp_path)
    # Fits only where it was called by the other one.
    fits = "SUPPORTED = [sys.version_info[:2]] if os.environ.get('AGAIN') else [(2, 7)]"
    other = tmp_path / "other"
    other.write_text(f'#!/bin/sh\nAGAIN=1 exec {sys.executable} "$@"\n')
    other.chmod(0o755)
    text = (TOOLS / "interpreters.py").read_text(encoding="utf-8")
    (tmp_path / "interpreters.py").write_text(
        text.replace("SUPPORTED = [(3, 12), (3, 11), (3, 13)]", fits)
        + f"\n\ndef find_python(environment):\n    return {str(other)!r}\n"
    )
    (tmp_path / "course_commands.py").write_text(
        "import sys\n\n\ndef main():\n    print('took over', sys.argv[1:])\n    return 3\n"
    )
    script = [sys.executable, str(tmp_path / "course.py"), "lab", "--", "--no-browser"]
    handed = subprocess.run(script, capture_output=True, text=True)
    assert handed.returncode == 3, handed.stderr
    running = ".".join(map(str, sys.version_info[:2]))
    assert f"Python {running} does not fit: taking {other}." in handed.stdout
    assert "took over ['lab', '--', '--no-browser']" in handed.stdout


def test_a_python_without_venv_is_passed_over_and_named(monkeypatch):
    monkeypatch.setattr(
        interpreters, "asked", lambda command: ("/usr/bin/python3.12", (3, 12), False)
    )
    monkeypatch.setattr(interpreters, "SUPPORTED", [(3, 12)])
    assert interpreters.find_python("newest") is None
    assert "apt install python3.12-venv" in interpreters.missing_python("newest")


def test_this_python_is_asked_and_can_make_environments():
    path, version, whole = interpreters.asked([BASE])
    assert version == sys.version_info[:2]
    assert whole
    assert interpreters.asked([path]) == (path, version, True)
    assert interpreters.asked(["/no/such/python"]) == ("", (), False)
    assert interpreters.asked([shutil.which("true") or "true"]) == ("", (), False)


@pytest.mark.parametrize(
    ("version", "why"), [((3, 9), "too old"), ((3, 14), "not made for it yet")]
)
def test_a_wrong_version_is_told_why(monkeypatch, version, why):
    monkeypatch.setattr(interpreters.sys, "version_info", (*version, 1))
    monkeypatch.setattr(interpreters, "candidates", lambda version: [])
    told = interpreters.missing_python("newest")
    assert f"This is {version[0]}.{version[1]}" in told
    assert why in told
    assert "Google Colab" in told


# Machines, by what they would say


def test_this_machine_can_run_the_course():
    assert interpreters.obstacle(str(ROOT)) == ""


@pytest.mark.parametrize(
    ("place", "name", "value", "words"),
    [
        (interpreters.struct, "calcsize", lambda kind: 4, "32-bit"),
        (interpreters.sysconfig, "get_config_var", lambda name: "x86_64-pc-linux-musl", "musl"),
        (interpreters, "memory", lambda: 1.0, "1.0 GB of memory"),
    ],
)
def test_a_machine_that_cannot_is_told(monkeypatch, place, name, value, words):
    monkeypatch.setattr(place, name, value)
    told = interpreters.obstacle(str(ROOT))
    assert words in told
    assert "Google Colab" in told


@pytest.mark.parametrize("translated", [False, True])
def test_an_intel_mac_is_told_and_an_apple_processor_is_not(monkeypatch, translated):
    monkeypatch.setattr(interpreters.sys, "platform", "darwin")
    monkeypatch.setattr(interpreters.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(interpreters, "translated", lambda: translated)
    assert ("Intel" in interpreters.obstacle("/")) != translated


@pytest.mark.parametrize(("length", "fits"), [(54, True), (55, False)])
def test_a_path_too_long_for_windows_is_told(monkeypatch, length, fits):
    monkeypatch.setattr(interpreters.os, "name", "nt")
    monkeypatch.setattr(interpreters, "memory", lambda: 8.0)
    folder = "C:\\" + (length - 3) * "a"
    assert (interpreters.obstacle(folder) == "") == fits
    monkeypatch.setattr(interpreters, "long_paths", lambda: True)
    assert interpreters.obstacle(folder) == ""


def test_a_full_disk_is_told_before_anything_is_fetched(monkeypatch, tmp_path):
    usage = shutil.disk_usage(tmp_path)._replace(free=1_200_000_000)
    monkeypatch.setattr(interpreters.shutil, "disk_usage", lambda folder: usage)
    told = interpreters.too_little_space(str(tmp_path / "not" / "yet"))
    assert "1.2 GB" in told
    assert str(tmp_path) in told


# JupyterLab, really started in a terminal


def test_one_ctrl_c_asks_and_yes_stops_jupyterlab():
    pid, terminal = pytest.importorskip("pty", reason="Windows has none").fork()
    if pid == 0:
        program = (
            f"import pathlib, sys; sys.path.insert(0, {str(TOOLS)!r}); import course_commands; "
            "python = pathlib.Path(sys.executable); "
            "sys.exit(course_commands.lab(python, ['--no-browser', '--port=0']))"
        )
        os.execv(sys.executable, [sys.executable, "-c", program])
    try:
        read_until(terminal, "is running at")
        time.sleep(2)
        os.write(terminal, b"\x03")
        assert "Traceback" not in read_until(terminal, "(y/[n])")
        # Before, the server was killed while it asked.
        time.sleep(1)
        os.write(terminal, b"y\n")
        ended = read_until(terminal, "Shutdown confirmed")
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    assert "Traceback" not in ended
    assert os.waitstatus_to_exitcode(status) == 0


def read_until(terminal, words):
    """Return what a terminal shows until some words stand there."""
    shown, until = "", time.monotonic() + 90
    while words not in shown:
        assert time.monotonic() < until, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 10_000).decode(errors="replace")
    return shown
