"""The mechanisms in the order of the plan, in plain sight."""

from __future__ import annotations

from tocsin.declare import Mechanism
from tocsin.mechanisms.alliance import Alliance
from tocsin.mechanisms.belief import Belief
from tocsin.mechanisms.contagion import Contagion
from tocsin.mechanisms.control import Control
from tocsin.mechanisms.diffusion import Diffusion
from tocsin.mechanisms.elites import Elites
from tocsin.mechanisms.encounter import Encounter
from tocsin.mechanisms.factions import Factions
from tocsin.mechanisms.fatigue import Fatigue
from tocsin.mechanisms.forces import Forces
from tocsin.mechanisms.government import Government
from tocsin.mechanisms.grievance import Grievance
from tocsin.mechanisms.information import Information
from tocsin.mechanisms.intervention import Intervention
from tocsin.mechanisms.law import Law
from tocsin.mechanisms.loyalty import Loyalty
from tocsin.mechanisms.outcome import Outcome
from tocsin.mechanisms.risk import Risk
from tocsin.mechanisms.sending import Sending
from tocsin.mechanisms.tactics import Tactics
from tocsin.mechanisms.ties import Ties

MECHANISMS: tuple[Mechanism, ...] = (
    Information(), Law(), Grievance(), Belief(), Contagion(), Ties(), Risk(), Tactics(), Fatigue(),
    Sending(), Diffusion(), Factions(), Encounter(), Control(), Loyalty(), Elites(), Government(), Forces(),
    Alliance(), Intervention(), Outcome(),
)  # fmt: skip

__all__ = ["MECHANISMS"]
