"""Find a Python that the course can be installed with, and say what a machine lacks.

Read by every Python from 3.6 on, also by one that is too old for the course: no annotations,
no newer syntax.
"""

import os
import platform
import shutil
import struct
import subprocess
import sys
import sysconfig
from glob import glob

SUPPORTED = [(3, 12), (3, 11), (3, 13)]
COLAB = (3, 13)
# The longest path below the environment, of TensorFlow's headers.
LONGEST_FILE = 204
WINDOWS_PATH = 259
GIGABYTE = 1e9
DISK, MEMORY = 5.0, 2.0
QUERY = (
    "import sys; print(sys.executable); print(*sys.version_info[:2]); "
    "import ensurepip, venv; print('whole')"
)
BROWSER = (
    "Without an installation: open the notebooks in Google Colab, from the links in README.md."
)


def find_python(environment):
    """Return a Python that the environment can be made with, or None."""
    return next((path for path, whole in known(environment) if whole), None)


def known(environment):
    """Yield the fitting Pythons of this machine, and whether each can make environments."""
    wanted = [COLAB] if environment == "colab" else SUPPORTED
    if sys.version_info[:2] in wanted:
        yield asked([sys.executable])[::2]
    for version in wanted:
        yield from candidates(version)


def candidates(version):
    """Return the working Pythons of a version, and whether each can make environments."""
    name = f"{version[0]}.{version[1]}"
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    commands = [[shutil.which(f"python{name}")], [shutil.which("python3")]]
    commands += [[shutil.which("python")], [shutil.which("py"), f"-{name}"]]
    places = [
        os.path.join(pyenv, "versions", f"{name}*", "bin", "python"),
        os.path.join(home, ".local", "share", "uv", "python", f"cpython-{name}*", "bin", "python3"),
        f"/opt/homebrew/bin/python{name}",
        f"/usr/local/bin/python{name}",
        f"/Library/Frameworks/Python.framework/Versions/{name}/bin/python3",
    ]
    commands += [[path] for place in places for path in sorted(glob(place), reverse=True)]
    found = []
    for command in commands:
        if command[0]:
            path, its_version, whole = asked(command)
            if its_version == version and path not in [one for one, _ in found]:
                found.append((path, whole))
    return found


def asked(command):
    """Return where a Python is, its version, and whether it can make environments."""
    try:
        # Not by capture_output and text, which 3.6 does not know.
        answer = subprocess.run(
            [*command, "-c", QUERY],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=60,
        ).stdout.split("\n")
        version = tuple(map(int, answer[1].split()))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return "", (), False
    return answer[0], version, "whole" in answer


def missing_python(environment):
    """Return what to tell when no Python was found."""
    crippled = [path for path, whole in known(environment) if not whole and path]
    if crippled:
        return (
            f"{crippled[0]} has the right version, but cannot make environments: its modules venv "
            "and ensurepip are missing.\nOn Debian, Ubuntu and WSL: sudo apt install "
            f"{os.path.basename(crippled[0])}-venv. Then run the same command again.\n{BROWSER}"
        )
    if environment == "colab":
        return (
            "=" * 78 + "\nSKIPPED: Colab's versions need Python 3.13, and none was found here."
            "\nInstall Python 3.13 and run the same command again.\n" + "=" * 78
        )
    running = ".".join(map(str, sys.version_info[:2]))
    why = (
        "TensorFlow is not made for it yet"
        if sys.version_info[:2] > max(SUPPORTED)
        else "it is too old"
    )
    return (
        f"The course needs Python 3.11, 3.12 or 3.13. This is {running}, and {why}; no other was "
        "found here.\nInstall one from https://www.python.org/downloads/ and run the same command "
        f"again.\n{BROWSER}"
    )


def obstacle(folder):
    """Return why the course cannot be installed on this machine in a folder, or ""."""
    if sys.platform == "darwin" and platform.machine() == "x86_64" and not translated():
        why = "This is a Mac with an Intel processor, and TensorFlow is not made for it any more."
    elif struct.calcsize("P") == 4:
        why = "This Python is a 32-bit one, and TensorFlow needs 64 bits: install the 64-bit one."
    elif "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        why = "This system uses musl (Alpine Linux), and TensorFlow needs glibc."
    elif os.name == "nt" and len(folder) + 1 + LONGEST_FILE > WINDOWS_PATH and not long_paths():
        most = WINDOWS_PATH - LONGEST_FILE - 1 - len(os.sep + ".venv")
        why = (
            f"{folder} is too long a path for Windows: with TensorFlow's files it passes 259 "
            f"characters. Move the course into a folder of at most {most} characters, or set "
            "COURSE_VENV to a short one, such as C:\\venvs."
        )
    elif memory() and memory() < MEMORY:
        why = f"This machine has {memory():.1f} GB of memory, and the lessons need {MEMORY:g} GB."
    else:
        return ""
    return f"{why}\n{BROWSER}"


def too_little_space(folder):
    """Return a sentence when the disk has no room for an environment, or ""."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    free = shutil.disk_usage(folder).free / GIGABYTE
    if free >= DISK:
        return ""
    return (
        f"The installation needs {DISK:g} GB, 3 of them for good, and {folder} has {free:.1f} GB "
        f"free. Make room, or set COURSE_VENV to a folder on another disk.\n{BROWSER}"
    )


def translated():
    """Return whether an Apple processor runs this Python as an Intel one."""
    command = ["sysctl", "-n", "sysctl.proc_translated"]
    try:
        return subprocess.run(command, stdout=subprocess.PIPE).stdout.strip() == b"1"
    except OSError:
        return False


def long_paths():
    """Return whether Windows was told to accept long paths."""
    try:
        import winreg

        place = r"SYSTEM\CurrentControlSet\Control\FileSystem"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    except (ImportError, OSError):
        return False


def memory():
    """Return this machine's memory in GB, or None where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    except (AttributeError, ValueError, OSError):
        return None
