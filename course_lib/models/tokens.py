"""Text as whole numbers, one for each character, and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


class Characters:
    """The characters that a model knows, numbered in order.

    Args:
        alphabet: the characters, each once.
        unknown: one of them that stands for all others; without it, a character
            outside the alphabet is an error.

    Raises:
        ValueError: when a character occurs twice or is longer than one, or
            `unknown` is not in the alphabet.
    """

    def __init__(self, alphabet: Iterable[str], unknown: str | None = None) -> None:
        self.alphabet = list(alphabet)
        self.numbers = {character: i for i, character in enumerate(self.alphabet)}
        if len(self.numbers) != len(self.alphabet) or any(len(c) != 1 for c in self.alphabet):
            raise ValueError("Characters: the alphabet should hold single characters, each once.")
        if unknown is not None and unknown not in self.numbers:
            raise ValueError(f"Characters: unknown={unknown!r} should be in the alphabet.")
        self.unknown = unknown

    def __len__(self) -> int:
        """Return how many characters there are."""
        return len(self.alphabet)

    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's characters, int32, shape (len(text),).

        Raises:
            ValueError: when a character is not in the alphabet, and there is no
                `unknown`.
        """
        other = None if self.unknown is None else self.numbers[self.unknown]
        ids = [self.numbers.get(character, other) for character in text]
        if None in ids:
            strange = sorted(set(text) - set(self.alphabet))
            raise ValueError(
                f"Characters: the text should have characters of the alphabet only, but has "
                f"{' '.join(repr(character) for character in strange[:10])}."
            )
        return np.array(ids, "int32")

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of these numbers.

        Raises:
            ValueError: when a number is not one of a character.
        """
        numbers = [int(i) for i in ids]
        if numbers and not 0 <= min(numbers) <= max(numbers) < len(self):
            raise ValueError(
                f"Characters: numbers should be from 0 to {len(self) - 1}, but go from "
                f"{min(numbers)} to {max(numbers)}."
            )
        return "".join(self.alphabet[i] for i in numbers)
