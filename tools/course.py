"""Set the course up and run it: `python tools/course.py lab`, or test, hard, setup.

`python tools/course.py --help` says more. This file, like interpreters.py, is read by every
Python from 3.6 on: where the one that was called does not fit and another does, that one takes
over.
"""

import os
import subprocess
import sys

import interpreters


def main():
    """Go on with a Python that fits; return the exit status."""
    environment = "colab" if "colab" in sys.argv else "newest"
    if sys.version_info[:2] in interpreters.SUPPORTED:
        import course_commands

        return course_commands.main()
    python = interpreters.find_python("newest")
    if python is None:
        print(interpreters.missing_python(environment), file=sys.stderr)
        return 1
    print(f"Python {'.'.join(map(str, sys.version_info[:2]))} does not fit: taking {python}.")
    sys.stdout.flush()
    try:
        return subprocess.call([python, os.path.abspath(__file__), *sys.argv[1:]])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
