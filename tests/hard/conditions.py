"""The hard conditions that a notebook is run under, and how each of them is made.

Each condition adds to a `Setting`: variables, lines of shell that run in
namespaces of their own before the notebook does (nothing of them is left behind
afterwards), and what `inside.py` must find there before the notebook may start.
"""

import functools
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import processors

FOLDER = Path(__file__).resolve().parent
MEMORY_LIMIT = 4 * 2**30
LOCALES = {"de_DE.UTF-8": "de_DE", "tr_TR.UTF-8": "tr_TR", "C": ""}
ZONE, OFFSET = "Asia/Kathmandu", "+0545"


class NotPossible(Exception):  # noqa: N818
    """A condition cannot be made on this machine; the message says why."""


@dataclass
class Setting:
    """Where one notebook runs.

    Attributes:
        number: of the notebook, which chooses its locale.
        core: the processor it is put on when it gets only one.
        checkout: the course's folder.
        scratch: a folder of this notebook's own.
        environment: the variables.
        python: the interpreter that runs the notebook.
        script: lines of shell to run first.
        namespaces: options of unshare.
        probe: what must be found inside.
        group: the control group that limits the memory, if there is one.
        watched: whether the memory is limited by watching it.
        slower: how many times as long a cell may take.
        ways: how the conditions were made, where there are several ways.
    """

    number: int
    core: int
    checkout: Path
    scratch: Path
    environment: dict[str, str]
    python: str = sys.executable
    script: list[str] = field(default_factory=list)
    namespaces: set[str] = field(default_factory=set)
    probe: dict[str, object] = field(default_factory=dict)
    group: Path | None = None
    watched: bool = False
    slower: int = 1
    ways: list[str] = field(default_factory=list)


@functools.cache
def unshare() -> list[str] | None:
    """Return the command that makes namespaces here, or None."""
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return None
    for command in (["unshare"], ["unshare", "--map-root-user"]):
        attempt = [*command, "--net", "--mount", "ip", "link", "set", "lo", "up"]
        try:
            if subprocess.run(attempt, capture_output=True).returncode == 0:
                return command
        except OSError:
            return None
    return None


def network_cut_off(setting: Setting) -> None:
    """Leave nothing but the machine itself to connect to."""
    setting.probe["network"] = True
    if unshare():
        setting.namespaces.add("--net")
        setting.script.append("ip link set lo up")
        setting.ways.append("network namespace")
    else:
        blocker = setting.scratch / "no_network"
        blocker.mkdir()
        shutil.copy(FOLDER / "no_network.py", blocker / "sitecustomize.py")
        path = setting.environment["PYTHONPATH"]
        setting.environment["PYTHONPATH"] = os.pathsep.join([str(blocker), path])
        setting.ways.append("sockets blocked in Python")


def unwritable_home(setting: Setting) -> None:
    """Give a home folder in which nothing can be made, and no other place for caches."""
    home = setting.scratch / "home"
    home.mkdir()
    for name in list(setting.environment):
        if name.startswith(("XDG_", "JUPYTER", "IPYTHON")) or name in (
            "MPLCONFIGDIR",
            "KERAS_HOME",
        ):
            del setting.environment[name]
    setting.environment["HOME"] = setting.environment["USERPROFILE"] = str(home)
    # Jupyter itself cannot start a kernel without a place for its connection file.
    setting.environment["JUPYTER_RUNTIME_DIR"] = str(setting.scratch / "runtime")
    _make_read_only(setting, home)
    setting.probe["unwritable"] = [*setting.probe.get("unwritable", []), str(home)]


def read_only_checkout(setting: Setting) -> None:
    """Make the course's folder one in which nothing can be written."""
    _make_read_only(setting, setting.checkout)
    setting.probe["unwritable"] = [
        *setting.probe.get("unwritable", []),
        *(str(setting.checkout / name) for name in ("", "notebooks", "data")),
    ]


def _make_read_only(setting: Setting, folder: Path) -> None:
    if unshare():
        path = shlex.quote(str(folder))
        setting.namespaces.add("--mount")
        setting.script += [f"mount --bind {path} {path}", f"mount -o remount,bind,ro {path}"]
    elif hasattr(os, "geteuid") and os.geteuid() != 0:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        setting.ways.append("by chmod")
    else:
        raise NotPossible("a read-only folder needs mount namespaces, or a user who is not root")


def another_locale(setting: Setting) -> None:
    """Take German, Turkish and plain C by turns; compile the first two where they are missing."""
    names = list(LOCALES)
    name = names[setting.number % len(names)]
    setting.environment |= {"LC_ALL": name, "LANG": name}
    setting.environment.pop("LANGUAGE", None)
    if name != "C" and not _locale_is_there(name):
        compiled = setting.scratch / "locales"
        compiled.mkdir()
        command = ["localedef", "-i", LOCALES[name], "-f", "UTF-8", str(compiled / name)]
        # localedef returns 1 for warnings, too; what counts is found inside.
        if (
            not shutil.which("localedef")
            or subprocess.run(command, capture_output=True).returncode > 1
        ):
            raise NotPossible(f"the locale {name} is not here and cannot be compiled")
        setting.environment["LOCPATH"] = str(compiled)
    setting.probe["locale"] = name


def _locale_is_there(name: str) -> bool:
    check = "import locale; locale.setlocale(locale.LC_ALL, '')"
    command = [sys.executable, "-c", check]
    variables = {**os.environ, "LC_ALL": name}
    return subprocess.run(command, capture_output=True, env=variables).returncode == 0


def another_time_zone(setting: Setting) -> None:
    """Take the zone of Nepal, whose offset is no whole number of hours."""
    if sys.platform == "win32":
        raise NotPossible("Windows takes no time zone from a variable")
    setting.environment["TZ"] = ZONE
    setting.probe["offset"] = OFFSET


def one_core(setting: Setting) -> None:
    """Put the notebook on one core; TensorFlow then sees only that one."""
    if not hasattr(os, "sched_setaffinity"):
        raise NotPossible("processes cannot be put on one core by Python here")
    setting.probe["core"] = setting.core


def four_gigabytes(setting: Setting) -> None:
    """Limit the memory of the notebook's processes by a control group, and watch it, too.

    A control group does not count pages of libraries that other processes have
    loaded already; what is watched is all that the kernel has in memory.
    """
    setting.watched = True
    setting.ways.append("memory watched four times a second")
    setting.group = make_group(f"course_hard_{os.getpid()}_{setting.scratch.name}", MEMORY_LIMIT)
    if setting.group:
        # First of all, so that everything after it is counted.
        setting.script.insert(0, f"echo $$ > {shlex.quote(str(setting.group / 'cgroup.procs'))}")
        setting.ways.append("control group without swap")


def make_group(name: str, limit: int, root: Path = Path("/sys/fs/cgroup")) -> Path | None:
    """Return a new control group with a memory limit (either version), or None."""
    name = "".join(letter if letter.isalnum() else "_" for letter in name)
    versions = [
        (root / "memory" / name, ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]),
        (root / name, ["memory.max", "memory.swap.max"]),
    ]
    for group, (memory, swap) in versions:
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / memory).write_text(str(limit))
            if (group / swap).exists():
                (group / swap).write_text("0" if swap == "memory.swap.max" else str(limit))
        except OSError:
            remove_group(group)
            continue
        return group
    return None


def remove_group(group: Path) -> None:
    """Remove a control group whose processes have ended."""
    # What was killed a moment ago may still belong to it.
    for _ in range(100):
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return
    print(f"The control group {group} could not be removed.")


def killed_for_memory(group: Path) -> bool:
    """Return whether a process of the group was ended because its memory was used up."""
    for file in ("memory.oom_control", "memory.events"):
        if (group / file).exists():
            lines = (group / file).read_text().splitlines()
            counts = dict(line.split() for line in lines)
            return int(counts.get("oom_kill", 0)) > 0
    return False


def another_processor(name: str, setting: Setting) -> None:
    """Let the libraries take this processor for another one."""
    processor = processors.PROCESSORS[name]
    setting.environment |= processors.variables(processor, setting.python)
    setting.probe |= processors.probe(processor, setting.python)
    setting.slower = processor.slower
    setting.ways.append(processors.described(processor, setting.python))


CONDITIONS: dict[str, Callable[[Setting], None]] = {
    "network cut off": network_cut_off,
    "HOME unwritable": unwritable_home,
    "read-only checkout": read_only_checkout,
    "another locale": another_locale,
    "another time zone": another_time_zone,
    "one core": one_core,
    "4 GB of memory": four_gigabytes,
    **{name: functools.partial(another_processor, name) for name in processors.PROCESSORS},
}
# These two are matters of the whole pass: where the copy lies, and how many run.
ODD_PATH = "spaces and non-ASCII letters in the path"
TWICE = "two of the same notebook at once"
ODD_NAME = "Kür s, ñandú 課程"


def wrapped(setting: Setting, command: list[str]) -> list[str]:
    """Return the command with its conditions around it."""
    if not setting.script:
        return command
    lines = ["set -e", *setting.script, 'exec "$@"']
    prefix = []
    if setting.namespaces:
        prefix = [*(unshare() or []), *sorted(setting.namespaces)]
    return [*prefix, "sh", "-c", "\n".join(lines), "sh", *command]
