"""Arrays in, arrays out: draws, the person law, fate, ties. Nothing here knows politics."""
