"""A first scenario for a country: loads and runs as it is, and says line by line what to fill in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources

from tocsin import quantities
from tocsin.scenario import declared
from tocsin.scenario.write import quote

YEAR = 2030
"""When a scaffold plays unless the user says otherwise."""
MOST_AGENTS = 2_000_000
"""Simulated people above which a scaffold thins by 100 instead of 10."""
READY = "#> "
"""What stands before a line that is complete and only waits to be used."""
FILL = "assumed: fill in"
GENERIC = (("Capital", 1_000_000, 0.0, 0.0), ("Region one", 800_000, 1.0, 1.0), ("Region two", 600_000, -1.0, 1.0))
"""Places of a country of which nothing is known: name, people, latitude, longitude."""


@dataclass(frozen=True)
class Home:
    """What is known of a country: a name, rows of places, the mean household and the staff per 100,000 people.

    places: dictionaries with the columns of library/data/places.csv; the sources stand beside the two numbers.
    """

    name: str
    places: tuple[Mapping[str, str], ...]
    household: float
    household_source: str
    staff: float
    staff_source: str

    @property
    def population(self) -> int:
        """People of all places."""
        return sum(int(p["population"]) for p in self.places)


@dataclass(frozen=True)
class Scaffold:
    """The text of a scenario, and what to tell its writer ("" if nothing)."""

    text: str
    note: str


def scaffold(country: str, year: int = YEAR) -> Scaffold:
    """A scenario for a country by its name or two-letter code; three invented places where it is not known."""
    country = " ".join(country.split())
    known = {row["name"]: row for row in _rows("countries.csv")}
    found = next((r for r in known.values() if country.lower() in (r["name"].lower(), r["country"].lower())), None)
    home = _known(found) if found is not None else _unknown(country)
    note = "" if found is not None else _note(country, tuple(known))
    return Scaffold("\n\n".join(_blocks(home, year)) + "\n", note)


def countries() -> tuple[str, ...]:
    """The countries whose places are known."""
    return tuple(row["name"] for row in _rows("countries.csv"))


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("tocsin.library").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _known(row: Mapping[str, str]) -> Home:
    places = tuple(p for p in _rows("places.csv") if p["country"] == row["country"])
    staff = float(row["staff_per_100k"]), row["staff_source"]
    return Home(row["name"], places, float(row["household"]), row["household_source"], *staff)


def _unknown(country: str) -> Home:
    places = tuple(
        {"place": name, "population": str(people), "lat": str(lat), "lon": str(lon), "boundary": "",
         "capital": "yes" if name == "Capital" else "", "source": FILL, "town": ""}
        for name, people, lat, lon in GENERIC
    )  # fmt: skip
    return Home(country, places, 3.0, FILL, 400.0, FILL)


def _note(country: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(country.title(), known, 1, 0.6)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return f"The places of {country!r} are not known: three invented ones stand in the file.{meant}"


def _blocks(home: Home, year: int) -> Iterator[str]:
    """The parts of the file in their order."""
    yield _opening(home)
    yield _head(home, year)
    yield _places_cover(home)
    yield from (_place(p, home) for p in home.places)
    yield _segments()
    yield _script(home, year)
    yield _outside()
    yield _compared(year)


def _opening(home: Home) -> str:
    return (
        f"# {home.name}: a scenario to fill in. It runs as it is; what it says of the events is invented.\n"
        "#\n"
        '# Every number has a source. "assumed: why" is a source; replace it by a better one where you have one.\n'
        f'# Lines that begin with "{READY}" are complete: take these three characters away to use them.\n'
        "# `tocsin check FILE` says what is wrong, with the line; `tocsin explain NAME` says what a word means.\n"
        "# Roles stand instead of names of persons. Times are local."
    )


def _head(home: Home, year: int) -> str:
    thin = 10 if home.population <= 10 * MOST_AGENTS else 100
    return (
        "[scenario]\n"
        f"title = {quote(f'{home.name}, {year}')}\n"
        f"home = {quote(home.name)}\n"
        f'start = "{year}-05-01 00:00"\n'
        'length = { value = "20 days", source = "assumed: long enough for order to return" }\n'
        f'people_per_agent = {{ value = {thin}, source = "assumed: one simulated person stands for {thin}" }}'
    )


def _places_cover(home: Home) -> str:
    return (
        "# What holds wherever a place says nothing else.\n"
        "[sources]\n"
        f'"place.lat" = {quote(_coordinates(home))}\n'
        f'"place.lon" = {quote(_coordinates(home))}\n'
        f'"place.garrison" = {quote(f"{home.staff_source}; {home.staff:g} for every 100,000 people of the place")}\n'
        "\n"
        "[every_place]\n"
        'seat = { value = 0, source = "assumed: not the seat of power" }\n'
        f"household = {{ value = {home.household:g}, source = {quote(home.household_source)} }}\n"
        "\n"
        "# The places. seat: weight in the seat of power; all add up to 1. garrison: police and other internal forces."
    )


def _coordinates(home: Home) -> str:
    return "GeoNames, main town of the place (CC BY 4.0)" if home.places[0]["town"] else FILL


def _place(p: Mapping[str, str], home: Home) -> str:
    people = int(p["population"])
    lines = [
        "[[place]]",
        f"name = {quote(p['place'])}",
        f"population = {{ value = {people}, source = {quote(p['source'])} }}",
        f"lat = {float(p['lat'])}",
        f"lon = {float(p['lon'])}",
        f"garrison = {round(people * home.staff / 100_000)}",
    ]
    if p["boundary"]:
        lines.append(f"boundary = {quote(p['boundary'])}")
    if p["capital"]:
        lines.append('seat = { value = 1, source = "assumed: who loses the capital has lost" }')
        kind = 'kind = "administration", source = "assumed: seat of government"'
        lines.append(f'sites = [{{ name = "government house", {kind} }}]')
    return "\n".join(lines)


def _segments() -> str:
    return (
        "# Groups of people with a law of their own. The last one is what the others leave.\n"
        "[[segment]]\n"
        'name = "minors"\n'
        "can_act = false\n"
        'share = { value = "25 %", source = "assumed: share of the people under 16, who take no part" }\n'
        "\n"
        "[[segment]]\n"
        'name = "others"\n'
        "may_strike = true\n"
        'share = "rest"'
    )


def _ready(text: str) -> str:
    """A block as lines that wait to be used."""
    return "\n".join(f"{READY}{line}".rstrip() for line in text.splitlines())


def _script(home: Home, year: int) -> str:
    first = quote(next(p["place"] for p in home.places if p["capital"]))
    concession = (
        f'[[event]]\nat = "{year}-05-06 12:00"\nkind = "concession"\nplaces = "all"\nvalue = 1\n'
        'note = "The measure is taken back"\nsource = "assumed: invented"'
    )
    return (
        "# The script: what happens because history, or you, say so. `tocsin explain events` lists the kinds.\n"
        "[[event]]\n"
        f'at = "{year}-05-02 08:00"\n'
        'kind = "trigger"\n'
        f"places = [{first}]\n"
        "value = 1.0                    # 1: felt in full\n"
        'note = "What sets it off"\n'
        'source = "assumed: invented"\n'
        "\n"
        "[[event]]\n"
        f'at = "{year}-05-04 20:00"\n'
        'kind = "emergency"\n'
        f"places = [{first}]\n"
        'value = "on"\n'
        'part = "crackdown"             # variants drop events by part\n'
        'note = "State of emergency and curfew"\n'
        'source = "assumed: invented"\n'
        "\n"
        "# A concession:\n"
        f"{_ready(concession)}"
    )


def _outside() -> str:
    patron = (
        '[[state]]\nname = "Patron"\nrole = "patron"\nconsent = "leader"\n'
        'contingent = { value = "2000 people", source = "assumed: fill in" }\n'
        'lift = { value = "500 people per day", source = "assumed: fill in" }\n'
        'ready = { value = "24 hours", source = "assumed: fill in" }\n'
        'similarity = { value = 0.5, source = "assumed: fill in" }\n'
        'alignment = { value = 0.5, source = "assumed: fill in" }'
    )
    policy = '[policy]\ngovernment = "free"\nalliance = "free"'
    return (
        "# An outside power that may send troops (`tocsin explain roles`):\n"
        f"{_ready(patron)}\n"
        "\n"
        "# Who decides: the script above, or the model (`tocsin explain policies`):\n"
        f"{_ready(policy)}"
    )


def _compared(year: int) -> str:
    name, param = next(iter(declared.parameters().items()))
    prior = f'prior = "{quantities.write_prior(param.prior, param.unit)}", source = "assumed: fill in"'
    parameter = f'[parameters]\n"{name}" = {{ {prior} }}'
    target = (
        f'[[target]]\nname = "largest crowd"\nmetric = "turnout"\nat = "{year}-05-04"\nlow = 10000\nhigh = 30000\n'
        'model = "crowd"\nrole = "shown"\nsource = "who reported it"'
    )
    return (
        f"# A parameter of the model, where this country is known to differ (`tocsin explain {name}`):\n"
        f"{_ready(parameter)}\n"
        "\n"
        "# A reported figure to compare with; it never moves a run:\n"
        f"{_ready(target)}\n"
        "\n"
        "# The other world: `tocsin run FILE --variant no-emergency` compares the two.\n"
        "[variants.no-emergency]\n"
        'title = "No emergency"\n'
        'why = "Does the emergency matter?"\n'
        'drop = ["crackdown"]'
    )
