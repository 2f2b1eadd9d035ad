"""Activity that spreads between sites and uses up those who can still join, with its derivatives by four parameters.

dL_k/dt = c S_k P_k - w L_k,  dS_k/dt = -c S_k P_k,  P_k = sum_j W_kj L_j,  S_k(0) = z N_k

Row 0 of `act` and `left` holds L and S; rows 1 to 4 their derivatives by ln w (removal), ln z (size), and the two
parameters of W (reach, decay), whose own derivatives of W are handed in. Classical Runge-Kutta with a fixed step. Sums
over sites run in one fixed order, vectorised over the receiving sites, which needs W symmetric.
"""

from __future__ import annotations

from tocsin.compile import inline, kernel

ROWS, PRESSURES = 5, 7


@inline
def _press(act, weights, by_reach, by_decay, pressure):
    sites = act.shape[1]
    for c in range(PRESSURES):
        for i in range(sites):
            pressure[c, i] = 0.0
    for j in range(sites):
        for c in range(ROWS):
            x = act[c, j]
            for i in range(sites):
                pressure[c, i] += x * weights[j, i]
        x = act[0, j]
        for i in range(sites):
            pressure[5, i] += x * by_reach[j, i]
        for i in range(sites):
            pressure[6, i] += x * by_decay[j, i]


@inline
def _slope(act, left, pressure, removal, contagion, d_act, d_left):
    for i in range(act.shape[1]):
        own, free, push = act[0, i], left[0, i], pressure[0, i]
        new = contagion * free * push
        d_act[0, i], d_left[0, i] = new - removal * own, -new
        for c in range(1, ROWS):
            more = pressure[c, i]
            if c == 3:
                more += pressure[5, i]
            elif c == 4:
                more += pressure[6, i]
            new = contagion * (left[c, i] * push + free * more)
            d_act[c, i] = new - removal * act[c, i] - (removal * own if c == 1 else 0.0)
            d_left[c, i] = -new


@inline
def _shift(act, left, d_act, d_left, h, to_act, to_left):
    for c in range(act.shape[0]):
        for i in range(act.shape[1]):
            to_act[c, i] = act[c, i] + h * d_act[c, i]
            to_left[c, i] = left[c, i] + h * d_left[c, i]


@kernel
def spread(act, left, weights, by_reach, by_decay, removal, contagion, steps, buffer, pressure, out):
    """Carry the sites through the days of `out` float64[days, 5, K], `steps` steps a day; out[0] is the start.

    act, left float64[5, K]: start, and end afterwards; weights, by_reach, by_decay float64[K, K] symmetric; removal,
    contagion 1/day; buffer float64[6, 5, K]; pressure float64[7, K].
    """
    h = 1.0 / steps
    at, al, da, dl, sa, sl = buffer[0], buffer[1], buffer[2], buffer[3], buffer[4], buffer[5]
    for day in range(out.shape[0]):
        for c in range(ROWS):
            for i in range(act.shape[1]):
                out[day, c, i] = act[c, i]
        for _ in range(steps if day + 1 < out.shape[0] else 0):
            for c in range(ROWS):
                for i in range(act.shape[1]):
                    at[c, i], al[c, i], sa[c, i], sl[c, i] = act[c, i], left[c, i], 0.0, 0.0
            for stage in range(4):
                _press(at, weights, by_reach, by_decay, pressure)
                _slope(at, al, pressure, removal, contagion, da, dl)
                _shift(sa, sl, da, dl, 1.0 if stage == 0 or stage == 3 else 2.0, sa, sl)
                _shift(act, left, da, dl, h if stage == 2 else 0.5 * h, at, al)
            _shift(act, left, sa, sl, h / 6.0, act, left)
