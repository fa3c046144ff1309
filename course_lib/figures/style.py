"""One look for every figure: large type, and colours that everybody can tell apart.

The palette is that of Okabe and Ito (2008), Color Universal Design, made for
readers with any of the common colour-vision deficiencies.
"""

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
RED = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#F0E442"
BLACK = "#000000"
GREY = "#767676"

CYCLE = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK)

# Ordered quantities; perceptually uniform and readable in grey.
SEQUENTIAL = "viridis"


def use() -> None:
    """Set Matplotlib's defaults for this kernel, whatever a user's matplotlibrc says."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcdefaults()
    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 4.2),
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 13,
            "axes.titlesize": 14,
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.prop_cycle": cycler(color=CYCLE),
            "grid.color": "#DDDDDD",
            "image.cmap": SEQUENTIAL,
            "legend.frameon": False,
            "lines.linewidth": 2.2,
            "lines.markersize": 6,
        }
    )
