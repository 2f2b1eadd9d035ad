"""The share of a population that answers, averaged over the quantiles of a trait.

Somebody with log-odds `pull + push - fear * aversion` answers; `pull` follows from the trait, aversion is spread evenly
from 0 to 1. exp and log are those of `tocsin.exact`. Sums run from first to last.
"""

from __future__ import annotations

from typing import Any

from tocsin.compile import inline, kernel
from tocsin.elementary import exp_of, log_of, logistic_of


@inline
def _softplus(x: Any) -> Any:
    return (x if x > 0.0 else 0.0) + log_of(1.0 + exp_of(-abs(x)))


@inline
def _sum(x: Any) -> Any:
    result = x[0]
    for i in range(1, x.size):
        result += x[i]
    return result


@kernel
def answering(size: Any, pull: Any, weight: Any, push: Any, fear: Any, buffer: Any) -> Any:
    """The share that answers; pull, weight, buffer float64[Q]; push and fear in log-odds, fear above 0.

    size: share of those who can answer at all.
    size sum over q of weight [softplus(pull + push) - softplus(pull + push - fear)] / fear
    """
    for i in range(pull.size):
        buffer[i] = _softplus(pull[i] + push)
    for i in range(pull.size):
        buffer[i] = (buffer[i] - _softplus(pull[i] + push - fear)) * weight[i]
    return size * _sum(buffer) / fear


@kernel
def leaning(size: Any, pull: Any, weight: Any, push: Any, fear: Any, buffer: Any) -> Any:
    """The rise of `answering` by one more log-odds of push.

    size sum over q of weight [logistic(pull + push) - logistic(pull + push - fear)] / fear
    """
    for i in range(pull.size):
        buffer[i] = logistic_of(pull[i] + push)
    for i in range(pull.size):
        buffer[i] = (buffer[i] - logistic_of(pull[i] + push - fear)) * weight[i]
    return size * _sum(buffer) / fear
