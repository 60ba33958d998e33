"""What a measure has to hold, and by how much it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Floor:
    """One figure and its bound."""

    what: str
    value: float
    bound: float
    unit: str = ""
    #: Whether the figure has to be at least the bound, not at most.
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def miss_percent(self) -> float:
        """By how much of the bound it is missed; 0: met."""
        if self.is_met:
            return 0.0
        return 100 * abs(self.value - self.bound) / self.bound if self.bound else 100.0

    def __str__(self) -> str:
        bound = f"{'at least' if self.at_least else 'at most'} {self.bound:g}{self.unit}"
        verdict = "met" if self.is_met else f"missed by {self.miss_percent:.0f} %"
        return f"{self.what}: {self.value:.3g}{self.unit}, {bound}: {verdict}"

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"met": self.is_met, "miss_percent": round(self.miss_percent, 1)}
