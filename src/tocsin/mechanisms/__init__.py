"""The mechanisms in the order of the plan, in plain sight. M4, M14, M16, M17 and M18 of model.md are not here yet."""

from __future__ import annotations

from tocsin.declare import Mechanism
from tocsin.mechanisms.contagion import Contagion
from tocsin.mechanisms.control import Control
from tocsin.mechanisms.elites import Elites
from tocsin.mechanisms.encounter import Encounter
from tocsin.mechanisms.fatigue import Fatigue
from tocsin.mechanisms.government import Government
from tocsin.mechanisms.grievance import Grievance
from tocsin.mechanisms.information import Information
from tocsin.mechanisms.intervention import Intervention
from tocsin.mechanisms.law import Law
from tocsin.mechanisms.loyalty import Loyalty
from tocsin.mechanisms.outcome import Outcome
from tocsin.mechanisms.risk import Risk
from tocsin.mechanisms.tactics import Tactics
from tocsin.mechanisms.ties import Ties

MECHANISMS: tuple[Mechanism, ...] = (
    Information(), Law(), Grievance(), Contagion(), Ties(), Risk(), Tactics(), Fatigue(),
    Encounter(), Control(), Loyalty(), Elites(), Government(), Intervention(), Outcome(),
)  # fmt: skip

__all__ = ["MECHANISMS"]
