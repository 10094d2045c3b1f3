"""口径 as a frame: the same text on the page and in the workbook."""

from collections.abc import Sequence

import polars as pl

from dashboard.text import Words
from metrics.catalogue import Metric


def definition_frame(metrics: Sequence[Metric], words: Words) -> pl.DataFrame:
    """One row per metric: name, definition, direction, least base, whose it is, why, gaming."""
    rows = [
        {
            words("definition.metric"): words.of(metric.label),
            words("definition.variant"): words.of(metric.variant),
            words("definition.good"): words(f"good.{metric.good}"),
            words("definition.least"): str(metric.min_n),
            words("definition.owner"): words(f"owner.{metric.attributed_to}"),
            words("definition.why"): words.of(metric.why),
            words("definition.gaming"): words.of(metric.gaming),
        }
        for metric in metrics
    ]
    return pl.DataFrame(rows)
