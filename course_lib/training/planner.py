"""From a sum of money to a model, and back: a plan with its assumptions in view.

All figures are estimates: a plan multiplies a handful of assumptions, and says
which. Prices age fastest; every assumption has a name and can be changed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any

from course_lib.scratch.scaling import Law, best_split, law_loss, training_operations

HOUR = 3600.0
# Weights, gradients and two moments, 4 bytes each; in mixed precision 2 + 2 + 12.
BYTES_PER_PARAMETER = 16
# T. Besiroglu and others (2024), Chinchilla Scaling: A Replication Attempt, arXiv:2404.10102.
REPLICATED_LAW: Law = (1.8172, 482.01, 0.3478, 2085.43, 0.3658)


@dataclass(frozen=True)
class Card:
    """An accelerator, as its maker's data sheet gives it.

    Attributes:
        name: what it is called.
        peak: dense operations a second in 16 bits.
        memory: bytes.
        bandwidth: bytes a second between memory and processor.
        watts: the most that it draws.
    """

    name: str
    peak: float
    memory: float
    bandwidth: float
    watts: float


CARDS = {
    card.name: card
    for card in (
        Card("V100", 125e12, 32e9, 0.9e12, 300),
        Card("A100", 312e12, 80e9, 2.039e12, 400),
        Card("H100", 989e12, 80e9, 3.35e12, 700),
        Card("H200", 989e12, 141e9, 4.8e12, 700),
        Card("B200", 2250e12, 180e9, 8e12, 1000),
    )
}


@dataclass(frozen=True)
class Assumptions:
    """What a plan takes for granted.

    Attributes:
        card: a name of `CARDS`, or a Card.
        cards: how many work at once.
        utilisation: share of the peak that a training reaches, over 0 and at
            most 1. Large trainings report 0.3 to 0.45.
        dollars_per_hour: rent of one card. An assumption of early 2026 for an
            A100; look yours up.
        watts: drawn by one card with its share of the computer; None for the
            card's own.
        overhead: energy of the building over that of its computers (PUE); 1.1
            was a good one in D. Patterson and others (2021), arXiv:2104.10350.
        kg_per_kwh: CO2 of a kilowatt-hour; 0.429 was the mean of the United
            States in the same paper. It ranges from about 0.02 to 0.8.
        law: E, A, alpha, B, beta of the loss; by default that of T. Besiroglu
            and others (2024), arXiv:2404.10102.

    Raises:
        ValueError: when an assumption cannot be.
    """

    card: Card | str = "A100"
    cards: int = 1
    utilisation: float = 0.4
    dollars_per_hour: float = 2.0
    watts: float | None = None
    overhead: float = 1.1
    kg_per_kwh: float = 0.429
    law: Law = REPLICATED_LAW

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not isinstance(self.card, Card) and self.card not in CARDS:
            raise ValueError(
                f"plan: card should be one of {', '.join(CARDS)}, or a Card, but is {self.card!r}."
            )
        whole = isinstance(self.cards, Integral) and not isinstance(self.cards, bool)
        if not whole or self.cards < 1:
            raise ValueError(f"plan: cards should be a whole number from 1, but is {self.cards!r}.")
        _between("utilisation", self.utilisation, 0, 1)
        _between("dollars_per_hour", self.dollars_per_hour, 0)
        if self.watts is not None:
            _between("watts", self.watts, 0)
        if not isinstance(self.overhead, Real) or not 1 <= self.overhead < 10:
            raise ValueError(
                f"plan: overhead should be at least 1, and 1.1 is good, but is {self.overhead!r}."
            )
        if self.kg_per_kwh != 0:
            _between("kg_per_kwh", self.kg_per_kwh, 0)

    @property
    def hardware(self) -> Card:
        """Return the card itself."""
        return self.card if isinstance(self.card, Card) else CARDS[self.card]

    @property
    def operations_per_hour(self) -> float:
        """Return what one card computes in an hour."""
        return HOUR * self.hardware.peak * self.utilisation


@dataclass(frozen=True)
class Plan:
    """One training, and what it takes.

    Attributes:
        assumed: what was taken for granted.
        parameters: of the model.
        tokens: read in training.
    """

    assumed: Assumptions
    parameters: float
    tokens: float

    @property
    def operations(self) -> float:
        """Return the operations of the training, 6 N D."""
        return training_operations(self.parameters, self.tokens)

    @property
    def loss(self) -> float:
        """Return what the law promises, in nats per token of the law's own text."""
        return float(law_loss(self.assumed.law, self.parameters, self.tokens))

    @property
    def card_hours(self) -> float:
        """Return hours of one card, or of all cards together."""
        return self.operations / self.assumed.operations_per_hour

    @property
    def dollars(self) -> float:
        """Return the rent of the cards for this one training."""
        return self.card_hours * self.assumed.dollars_per_hour

    @property
    def days(self) -> float:
        """Return how long all cards take."""
        return self.card_hours / self.assumed.cards / 24

    @property
    def bytes_per_card(self) -> float:
        """Return weights, gradients and moments, shared among all cards."""
        return BYTES_PER_PARAMETER * self.parameters / self.assumed.cards

    @property
    def kwh(self) -> float:
        """Return the energy in kilowatt-hours, the building's share included."""
        watts = self.assumed.hardware.watts if self.assumed.watts is None else self.assumed.watts
        return self.card_hours * watts / 1000 * self.assumed.overhead

    @property
    def kg_co2(self) -> float:
        """Return the CO2 of the energy in kilograms; making the cards comes on top."""
        return self.kwh * self.assumed.kg_per_kwh

    @property
    def dollars_per_million_tokens(self) -> float:
        """Return what writing a million tokens costs when the cards are as busy as in training."""
        hours = 2 * self.parameters * 1e6 / self.assumed.operations_per_hour
        return hours * self.assumed.dollars_per_hour

    def __str__(self) -> str:
        """Return the plan as a table, its assumptions first."""
        assumed, card = self.assumed, self.assumed.hardware
        fits = "fits" if self.bytes_per_card <= card.memory else "does not fit"
        rows = {
            "assumed": f"{assumed.cards:,} x {card.name}, {assumed.utilisation:.0%} of peak",
            "": f"{assumed.dollars_per_hour:.2f} dollars an hour each",
            "parameters": _short(self.parameters),
            "tokens": f"{_short(self.tokens)} ({self.tokens / self.parameters:.1f} each)",
            "operations": f"{self.operations:.2e}",
            "loss by the law": f"{self.loss:.3f} nats",
            "card hours": f"{self.card_hours:,.0f}",
            "days": f"{self.days:,.1f}",
            "rent": f"{self.dollars:,.0f} dollars",
            "memory per card": f"{self.bytes_per_card / 1e9:,.1f} GB ({fits}, without activations)",
            "energy": f"{self.kwh:,.0f} kWh",
            "CO2": f"{self.kg_co2:,.0f} kg",
            "writing 1M tokens": f"{self.dollars_per_million_tokens:.4f} dollars at least",
        }
        return "\n".join(f"{name:<18}{value}" for name, value in rows.items())


def plan_run(parameters: float, tokens: float, **assumptions: Any) -> Plan:
    """Return what a training takes.

    Args:
        parameters: of the model.
        tokens: read in training.
        assumptions: any of `Assumptions`, as in `card="H100", cards=64`.

    Raises:
        ValueError: when a number is not positive or an assumption cannot be.
        TypeError: when an assumption has another name.
    """
    _between("parameters", parameters, 0)
    _between("tokens", tokens, 0)
    return Plan(_assume(assumptions), parameters, tokens)


def plan_budget(dollars: float, **assumptions: Any) -> Plan:
    """Return the training with the least loss that the money pays for.

    Args:
        dollars: for the rent of the cards during this one training; attempts
            that failed, people, data and storage come on top.
        assumptions: any of `Assumptions`, as in `card="H100", cards=64`.

    Raises:
        ValueError: when the sum is not positive or an assumption cannot be.
        TypeError: when an assumption has another name.
    """
    _between("dollars", dollars, 0)
    assumed = _assume(assumptions)
    operations = dollars / assumed.dollars_per_hour * assumed.operations_per_hour
    return Plan(assumed, *best_split(assumed.law, operations))


def _assume(assumptions: dict[str, Any]) -> Assumptions:
    known = [one.name for one in fields(Assumptions)]
    for name in assumptions:
        if name not in known:
            raise TypeError(f"plan: {name} is no assumption; these are: {', '.join(known)}.")
    return Assumptions(**assumptions)


def _between(name: str, value: Any, low: float, high: float = float("inf")) -> None:
    number = isinstance(value, Real) and not isinstance(value, bool)
    # Written so that a NaN, which compares false with everything, is refused.
    if not number or not low < value <= high or value == float("inf"):
        limit = "positive" if high == float("inf") else f"over {low:g} and at most {high:g}"
        raise ValueError(f"plan: {name} should be a number, {limit}, but is {value!r}.")


def _short(count: float) -> str:
    for size, unit in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        # 999.9 of a million would be rounded to 1,000 of it.
        if count >= (0.9995 * size if size > 1e6 else size):
            return f"{count / size:.3g} {unit}"
    return f"{count:,.0f}"
