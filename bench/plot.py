"""Draws results.json as results.svg: medians as bars, ranges as lines. Runs in the bench's own environment."""

import json
import statistics
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

RESULTS = Path(sys.argv[1])
TITLES = {
    "worker": "worker: messages/s in one process, an event for one in four",
    "worker, every message": "worker: messages/s in one process, an event for every message",
    "ingress": "ingress: confirmed posts/s, 64 connections",
}
OURS_COLOUR, PEER_COLOUR = "#c8501e", "#8a94a0"

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "bench"  # the same figures give the same file
results = json.loads(RESULTS.read_text())
parts = [part for part in TITLES if part in results]
figure, axes = plt.subplots(len(parts), 1, figsize=(9, 3.4 * len(parts)), squeeze=False, layout="constrained")
for part, axis in zip(parts, axes[:, 0], strict=True):
    rates = {name: [run["per_s"] for run in runs] for name, runs in results[part]["runs"].items()}
    names = sorted(rates, key=lambda name: statistics.median(rates[name]))
    medians = [statistics.median(rates[name]) for name in names]
    spread = [
        [median - min(rates[name]) for name, median in zip(names, medians, strict=True)],
        [max(rates[name]) - median for name, median in zip(names, medians, strict=True)],
    ]
    colours = [OURS_COLOUR if name.startswith("this product") else PEER_COLOUR for name in names]
    bars = axis.barh(names, medians, xerr=spread, color=colours, ecolor="#333333")
    axis.bar_label(bars, [f"{median:,.0f}" for median in medians], padding=6)
    axis.margins(x=0.12)
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title(TITLES[part], loc="left")
figure.savefig(RESULTS.with_suffix(".svg"), metadata={"Date": None})
