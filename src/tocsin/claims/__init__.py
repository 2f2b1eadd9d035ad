"""Claims in, verdicts out: what is asserted, by which runs or sources it is judged, and what the judgement hangs on."""
