"""tools/colab_gpu.py and tools/colab_job.py, with a stand-in for Google's `colab` command."""

import importlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("colab_stand_in.py")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Google's colab command runs on Linux and macOS only"
)

NO_GPU = "class config:\n    list_physical_devices = staticmethod(lambda kind: [])\n"
ONE_GPU = NO_GPU.replace("[]", "['GPU:0']")


def write_notebook(path, source, text):
    """Store a notebook of one checked cell with `text` as its stored output."""
    output = nbformat.v4.new_output("stream", name="stdout", text=text)
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=[output])
    cell.metadata["tags"] = ["nbval-check-output"]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def git(folder, *arguments):
    """Run git in a folder of the test's own."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    result = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return result.stdout.strip()


class Course:
    """A small published copy of the course, and the machine that it is started from."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "the course é"
        self.log = folder / "log"
        self.bin = folder / "bin"
        self.packages = folder / "packages"
        shutil.copytree(ROOT / "tools", self.root / "tools", ignore=ignored)
        (self.root / "tests").mkdir()
        shutil.copy(ROOT / "tests" / "nbval_sanitize.cfg", self.root / "tests")
        settings = '[tool.course]\nrepository = "ada/course"\n[tool.pytest.ini_options]\n'
        (self.root / "pyproject.toml").write_text(settings)
        (self.root / ".gitignore").write_text("__pycache__/\n")
        notebooks = self.root / "notebooks"
        device = "import os\nprint(os.environ['COURSE_DEVICE'])"
        write_notebook(notebooks / "01_passes.ipynb", device, "gpu\n")
        write_notebook(notebooks / "02_fails.ipynb", "print(1 + 1)", "3\n")
        git(self.root, "init", "--quiet")
        self.commit()
        self.bin.mkdir()
        colab = self.bin / "colab"
        call = shlex.join([sys.executable, str(STAND_IN)])
        colab.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
        colab.chmod(0o755)
        self.packages.mkdir()
        self.tensorflow(ONE_GPU)

    def tensorflow(self, content: str) -> None:
        """Set what the job's check for a GPU finds."""
        module = self.packages / "tensorflow.py"
        module.write_text(f'__version__ = "0"\n{content}')

    def commit(self) -> str:
        """Commit everything, and return the commit's name."""
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", "A commit")
        return git(self.root, "rev-parse", "HEAD")

    def environment(self, **variables: str) -> dict[str, str]:
        """Return variables with which the course's address leads to the local copy."""
        return {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.packages),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "STAND_IN_LOG": str(self.log),
            "GIT_ALLOW_PROTOCOL": "file",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.root.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/ada/course",
            **variables,
        }

    def run(self, *arguments, **variables):
        """Run tools/colab_gpu.py to its end."""
        return subprocess.run(
            [sys.executable, "tools/colab_gpu.py", *arguments],
            cwd=self.root,
            env=self.environment(**variables),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    def events(self) -> list[str]:
        """Return what the stand-in wrote down."""
        return self.log.read_text(encoding="utf-8").split("\n")[:-1] if self.log.exists() else []


def ignored(folder, names):
    """Leave caches out of a copy."""
    return [name for name in names if name == "__pycache__"]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


@pytest.fixture
def job(monkeypatch):
    """Return the module tools/colab_job.py."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("colab_job")


def test_passing_notebook_ends_with_zero(course):
    result = course.run("--notebooks", "01")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert "colab_gpu: the notebooks pass. It took" in result.stdout
    assert course.events() == ["rented T4 with oauth2", "given back"]


def test_failing_cell_ends_with_one(course):
    result = course.run("--gpu", "L4", "--auth", "adc")
    assert result.returncode == 1
    assert "1 failed, 1 passed" in result.stdout
    assert "do not pass (pytest ended with status 1)" in result.stdout
    assert course.events() == ["rented L4 with adc", "given back"]


def test_without_a_gpu_nothing_is_checked(course):
    course.tensorflow(NO_GPU)
    result = course.run("--notebooks", "01")
    assert result.returncode == 3
    assert "TensorFlow sees no GPU on this machine, so nothing was run" in result.stdout
    assert "passed" not in result.stdout


def test_cpu_needs_no_gpu_and_sizes_the_lessons_for_a_cpu(course):
    course.tensorflow(NO_GPU)
    result = course.run("--notebooks", "01", "--device", "cpu")
    assert result.returncode == 1
    assert "1 failed" in result.stdout
    assert "cpu\n" in result.stdout.split("mismatch")[-1]
    assert course.events()[0] == "rented none with oauth2"


def test_dry_run_prints_a_command_that_colab_understands(course):
    revision = git(course.root, "rev-parse", "HEAD")
    result = course.run("--dry-run", "--notebooks", "01", "02", "--timeout", "900", PATH=os.defpath)
    assert result.returncode == 0, result.stderr
    command = shlex.split(result.stdout)
    place = command.index("--")
    assert command[:5] == ["colab", "--auth", "oauth2", "run", "--gpu"]
    assert command[place - 3 : place - 1] == ["--timeout", "900"]
    assert command[place - 1] == str(course.root / "tools" / "colab_job.py")
    assert command[place + 1 :] == [
        *("--address", "https://github.com/ada/course", "--revision", revision),
        *("--device", "gpu", "--notebooks", "01", "02"),
    ]
    assert course.events() == []


def test_missing_command_is_explained(course):
    tools = course.bin.parent / "only git"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git"))
    result = course.run(PATH=str(tools))
    assert result.returncode == 2
    assert "The command `colab` was not found. Install it with" in result.stderr


def test_unpublished_course_is_explained(course):
    result = course.run("--repository=-unpublished-/course")
    assert result.returncode == 2
    assert "make publish REPO=owner/name" in result.stderr
    assert course.events() == []


def test_uncommitted_changes_are_explained_and_may_be_left_out(course):
    (course.root / "new.txt").write_text("not committed")
    result = course.run()
    assert result.returncode == 2
    assert "changes that are not committed" in result.stderr
    assert course.events() == []
    result = course.run("--revision", "HEAD", "--dry-run")
    assert result.returncode == 0


def test_commit_that_was_not_pushed_is_explained(course):
    published = course.root.with_name("published")
    git(course.root.parent, "clone", "--quiet", "--bare", str(course.root), str(published))
    (course.root / "new.txt").write_text("committed, but not pushed")
    revision = course.commit()
    result = course.run(GIT_CONFIG_KEY_0=f"url.{published.as_uri()}.insteadOf")
    assert result.returncode == 2
    assert f"Cannot fetch {revision} from https://github.com/ada/course" in result.stderr
    assert "Is the commit pushed, and the repository public?" in result.stderr
    assert course.events() == []


def test_unreachable_repository_is_explained(course):
    result = course.run("--repository", "ada/another")
    assert result.returncode == 2
    assert "from https://github.com/ada/another" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--revision", "nowhere"], "There is no commit nowhere"),
        (["--notebooks", "07"], "Expected one notebooks/07_*.ipynb, but found 0."),
    ],
)
def test_wrong_names_are_explained_before_a_machine_is_rented(course, arguments, message):
    result = course.run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert course.events() == []


def test_refused_machine_is_no_pass(course):
    result = course.run(STAND_IN="refuse")
    assert result.returncode == 4
    assert "Allocation refused" in result.stderr
    assert "Colab did not start the job" in result.stderr


def test_lost_machine_is_no_pass_although_colab_ends_with_zero(course):
    result = course.run(STAND_IN="lost")
    assert result.returncode == 4
    assert "The job was cut off" in result.stderr
    assert "the machine was lost" in result.stderr


def test_time_limit_is_explained_and_the_machine_given_back(course):
    course.tensorflow("import time\ntime.sleep(20)\n")
    result = course.run("--timeout", "3")
    assert result.returncode == 4
    assert "the limit is --timeout 3" in result.stderr
    assert course.events()[-1] == "given back"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_machine_is_given_back_when_the_run_is_stopped(course, name):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts jobs in the background so, and the child would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    course.tensorflow("import time\ntime.sleep(20)\n")
    command = [sys.executable, "tools/colab_gpu.py"]
    output = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=course.root, env=course.environment(), stdout=output, stderr=output
    ) as process:
        for line in process.stdout:
            if b"python" in line and b" -c ..." in line:
                break
        process.send_signal(getattr(signal, name))
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert course.events() == ["rented T4 with oauth2", "given back"]


def test_job_installs_only_what_is_lacking_and_no_dependencies(job, monkeypatch):
    calls = []
    present = {"coverage"}
    monkeypatch.setattr(job.importlib.util, "find_spec", lambda name: name in present or None)
    monkeypatch.setattr(job, "stream", lambda command, *rest: calls.append(command) or 0)
    job.install_what_is_lacking()
    assert len(calls) == 1
    assert "--no-deps" in calls[0]
    assert [part for part in calls[0] if "=" in part] == ["nbval>=0.11,<0.12"]
    present.add("nbval")
    job.install_what_is_lacking()
    assert len(calls) == 1


def test_job_says_when_pip_fails(job, monkeypatch):
    monkeypatch.setattr(job.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(job, "stream", lambda command, *rest: 1)
    with pytest.raises(job.JobError, match="pip could not install nbval"):
        job.install_what_is_lacking()


def test_job_needs_what_colab_has_or_what_it_installs(job):
    import re
    from importlib.metadata import requires

    listed = (ROOT / "tests" / "colab_constraints.txt").read_text(encoding="utf-8")
    colab = {line.split("==")[0].lower().replace("_", "-") for line in listed.splitlines()}
    needed = {re.match(r"[\w-]+", text).group().replace("_", "-") for text in requires("nbval")}
    assert needed - colab <= set(job.LACKING_IN_COLAB)
    assert not set(job.LACKING_IN_COLAB) & colab


def test_job_is_one_file_of_the_standard_library(job):
    import ast

    tree = ast.parse((ROOT / "tools" / "colab_job.py").read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module.split(".")[0])
    assert modules <= sys.stdlib_module_names
    # In a kernel there is no __file__, and __doc__ is another text.
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"__file__", "__doc__"}


def test_job_gives_the_lessons_the_course_and_their_own_plot_backend(job, monkeypatch, tmp_path):
    monkeypatch.setenv("MPLBACKEND", "module://something")
    monkeypatch.setenv("PYTHONPATH", "before")
    variables = job.environment(tmp_path, "gpu")
    assert variables["PYTHONPATH"] == os.pathsep.join([str(tmp_path), "before"])
    assert variables["COURSE_DEVICE"] == "gpu"
    assert "MPLBACKEND" not in variables
    assert os.environ["MPLBACKEND"] == "module://something"
