"""The set-up script: finds a Python, installs once, runs every check."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import course_commands as course  # noqa: E402
import interpreters  # noqa: E402
from notebook_files import lesson_files  # noqa: E402


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """Record the commands instead of running them; an environment is only its interpreter."""
    commands = []

    def record(command, **options):
        commands.append([str(part) for part in command])
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    def make(python, folder):
        commands.append(["venv", str(folder)])
        inside = course.interpreter(folder)
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.touch()

    monkeypatch.setattr(course.subprocess, "run", record)
    monkeypatch.setattr(course, "make_environment", make)
    monkeypatch.setattr(course, "install_packages", record)
    monkeypatch.setattr(course, "import_error", lambda inside: "")
    monkeypatch.setattr(course, "runs", Path.exists)
    monkeypatch.setattr(course, "attended", lambda command: record(command).returncode)
    monkeypatch.setenv("COURSE_VENV", str(tmp_path))
    return commands


def installations(commands):
    return [command for command in commands if "pip" in command]


def test_a_second_run_installs_nothing(runs):
    first = course.install("python", "newest", for_tests=True)
    assert [("venv" in command, "pip" in command) for command in runs] == [
        (True, False),
        (False, True),
    ]
    assert installations(runs)[0][-1] == f"{ROOT}[test]"
    del runs[:]
    assert course.install("python", "newest", for_tests=True) == first
    assert course.install("python", "newest", for_tests=False) == first
    assert runs == []


def test_tests_after_lab_add_what_they_need_and_keep_it(runs):
    course.install("python", "newest", for_tests=False)
    assert installations(runs)[0][-1] == str(ROOT)
    course.install("python", "newest", for_tests=True)
    assert installations(runs)[1][-1] == f"{ROOT}[test]"
    course.install("python", "newest", for_tests=True)
    assert len(installations(runs)) == 2


def test_a_changed_requirement_installs_again(runs, monkeypatch):
    course.install("python", "newest", for_tests=True)
    monkeypatch.setattr(course, "fingerprint", lambda environment: "another")
    course.install("python", "newest", for_tests=False)
    assert installations(runs)[1][-1] == f"{ROOT}[test]"


def test_the_hard_runs_start_in_an_environment_for_tests(runs, monkeypatch, tmp_path):
    monkeypatch.setattr(course, "find_python", lambda environment: "python")
    monkeypatch.setattr(sys, "argv", ["course.py", "hard", "--", "answers", "--seed", "3"])
    assert course.main() == 0
    assert installations(runs)[0][-1] == f"{ROOT}[test]"
    inside = course.interpreter(tmp_path / ".venv")
    assert runs[-1] == [str(inside), str(course.HARD), "answers", "--seed", "3"]
    assert course.HARD.is_file()


def test_another_folder_can_be_given(runs, tmp_path):
    inside = course.install("python", "newest", for_tests=False, folder=tmp_path / "another")
    assert inside == course.interpreter(tmp_path / "another")


@pytest.mark.parametrize("part", ["install_packages", "check_packages"])
def test_an_installation_that_broke_off_begins_anew(runs, monkeypatch, tmp_path, part):
    def fail(*arguments):
        raise course.NotInstalled("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(course, part, fail)
        with pytest.raises(course.NotInstalled):
            course.install("python", "newest", for_tests=True)
        assert not (tmp_path / ".venv" / course.MARKER).exists()
    del runs[:]
    course.install("python", "newest", for_tests=True)
    assert [command[0] == "venv" for command in runs] == [True, False]


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00\x01", "null"])
def test_a_damaged_marker_is_none(runs, tmp_path, text):
    course.install("python", "newest", for_tests=True)
    (tmp_path / ".venv" / course.MARKER).write_text(text, encoding="utf-8")
    del runs[:]
    course.install("python", "newest", for_tests=True)
    assert [command[0] == "venv" for command in runs] == [True, False]


def test_the_colab_environment_is_constrained_and_separate(runs, tmp_path):
    course.install("python", "colab", for_tests=True)
    command = installations(runs)[0]
    assert command[command.index("--constraint") + 1] == str(course.CONSTRAINTS)
    assert command[0].startswith(str(tmp_path / ".venv-colab"))


def test_jupyterlab_opens_the_course_map_as_a_page(runs, tmp_path):
    inside = course.install("python", "newest", for_tests=False)
    settings = tmp_path / ".venv/share/jupyter/lab/settings/overrides.json"
    viewers = json.loads(settings.read_text())["@jupyterlab/docmanager-extension:plugin"]
    assert viewers == {"defaultViewers": {"markdown": "Markdown Preview"}}
    assert course.lab(inside, ["--no-browser"]) == 0
    assert runs[-1][1:3] == ["-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/notebooks/README.md" in runs[-1]
    assert runs[-1][-1] == "--no-browser"


@pytest.mark.parametrize("environment", ["newest", "colab"])
def test_every_check_runs_even_after_a_failure(monkeypatch, capfd, environment):
    ran = []

    def run(command, **options):
        ran.append(command[2])
        assert options["env"]["COVERAGE_FILE"]
        return subprocess.CompletedProcess(command, 1 if len(ran) == 1 else 0)

    monkeypatch.setattr(course.subprocess, "run", run)
    assert course.test(Path("python"), environment, None) == 1
    assert ran == (["ruff", "ruff", "mypy"] if environment == "newest" else []) + ["pytest"] * 2
    assert "FAILED" in capfd.readouterr().out


def test_all_green_is_status_zero(runs):
    assert course.test(Path("python"), "colab", None) == 0


def test_a_run_with_too_little_time_names_what_it_leaves_out(runs, capfd, monkeypatch, tmp_path):
    monkeypatch.setattr(
        course, "test_settings", lambda scratch: {"COURSE_TIMES": str(tmp_path / "s")}
    )
    assert course.test(Path("python"), "colab", seconds=0.0) == 0
    tests, notebooks = (one for one in runs if "pytest" in one)
    assert "--ignore=tests/scratch" in tests
    assert "--cov" not in tests
    assert sum(part.endswith(".ipynb") for part in notebooks) == 1
    told = capfd.readouterr().out
    assert told.count("  notebook ") == len(lesson_files(ROOT)) - 1
    assert "tests of tests/scratch" in told
    assert "all checks passed (of those that ran)" in told


def test_a_run_with_enough_time_leaves_out_nothing(runs, capfd, monkeypatch, tmp_path):
    times = tmp_path / "seconds"
    times.write_text('{"tests": 300, "notebooks": 600}')
    monkeypatch.setattr(course, "test_settings", lambda scratch: {"COURSE_TIMES": str(times)})
    assert course.test(Path("python"), "colab", seconds=1000.0) == 0
    assert not any("--ignore" in part for part in runs[0])
    assert sum(part.endswith(".ipynb") for part in runs[1]) == len(lesson_files(ROOT))
    assert "LEFT OUT" not in capfd.readouterr().out
    written = json.loads(times.read_text())
    assert written["notebooks"] < 600


def test_minutes_are_counted_from_the_beginning_of_the_installation(monkeypatch):
    given = []
    monkeypatch.setattr(course, "find_python", lambda environment: "python")
    monkeypatch.setattr(course, "ready", lambda *arguments: Path("python"))
    monkeypatch.setattr(course, "test", lambda *arguments: given.append(arguments) or 0)
    monkeypatch.setattr(sys, "argv", ["course.py", "test", "--minutes", "2"])
    assert course.main() == 0
    assert 119 < given[0][2] <= 120
    monkeypatch.setattr(sys, "argv", ["course.py", "test"])
    assert course.main() == 0
    assert given[1][2] is None


def missing_python_of_a_new_machine(environment):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpreters, "known", lambda environment: [])
        return interpreters.missing_python(environment)


def test_an_unsupported_python_is_told_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(course, "ready", lambda *arguments: None)
    monkeypatch.setattr(course, "find_python", lambda environment: None)
    monkeypatch.setattr(course, "missing_python", missing_python_of_a_new_machine)
    monkeypatch.setattr(sys, "argv", ["course.py", "lab"])
    assert course.main() == 1
    assert "needs Python 3.11, 3.12 or 3.13" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["course.py", "test", "--environment", "colab"])
    assert course.main() == 0
    assert "SKIPPED" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (course.NotInstalled("The disk is full. Make room."), 1, "Make room"),
        (KeyboardInterrupt(), 130, "anew"),
    ],
)
def test_an_installation_that_failed_or_was_stopped_says_what_to_do(
    monkeypatch, capsys, error, status, words
):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(course, "ready", lambda *arguments: None)
    monkeypatch.setattr(course, "install", fail)
    monkeypatch.setattr(course, "find_python", lambda environment: "python")
    monkeypatch.setattr(sys, "argv", ["course.py", "setup"])
    assert course.main() == status
    assert words in capsys.readouterr().err


def test_here_takes_the_python_that_runs_and_installs_nothing(runs, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["course.py", "lab", "--here", "--", "--no-browser"])
    assert course.main() == 0
    assert [command[:3] for command in runs] == [[sys.executable, "-m", "jupyterlab"]]


def test_here_without_the_packages_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(course, "IMPORTED", ("keras", "a_package_that_is_not_there"))
    monkeypatch.setattr(sys, "argv", ["course.py", "lab", "--here"])
    assert course.main() == 1
    told = capsys.readouterr().err
    assert "No module named 'a_package_that_is_not_there'" in told
    assert told.endswith("conda env update -f environment.yml\n")


@pytest.mark.parametrize("kind", ["WSL", "snap", "neither"])
def test_browsers_that_cannot_read_hidden_folders_get_an_address(runs, monkeypatch, kind):
    monkeypatch.delenv("WSL_DISTRO_NAME", raising=False)
    if kind == "WSL":
        monkeypatch.setenv("WSL_DISTRO_NAME", "Ubuntu")
    monkeypatch.setattr(course.os.path, "isdir", lambda path: kind == "snap" and path == "/snap")
    assert course.lab(Path("python"), []) == 0
    assert ("--ServerApp.use_redirect_file=False" in runs[-1]) == (kind != "neither")


def test_arguments_after_two_dashes_go_to_jupyterlab():
    assert course.split_arguments(["lab", "--", "--no-browser", "--port=1"]) == (
        ["lab"],
        ["--no-browser", "--port=1"],
    )
    assert course.split_arguments(["test"]) == (["test"], [])


def test_a_read_only_checkout_keeps_its_caches_elsewhere(monkeypatch, tmp_path):
    # A file where the folder should be: what mkdir cannot make, as in a read-only checkout.
    (tmp_path / "root").touch()
    monkeypatch.setattr(course, "ROOT", tmp_path / "root")
    settings = course.test_settings(tmp_path)
    assert settings["MYPY_CACHE_DIR"] == str(tmp_path / "mypy")
