"""Which files are the lessons: a learner's copies beside them are not."""

import re
from pathlib import Path


def lesson_files(root: Path) -> list[Path]:
    """Return the lessons' notebooks in their order, as in notebooks/01_linear_regression.ipynb."""
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    return [path for path in paths if re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem)]
