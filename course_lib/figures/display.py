"""Show a figure together with the words that describe it."""

import base64
import html
import io

from matplotlib.figure import Figure


def show(figure: Figure, alt: str, *, colours: int | None = None) -> None:
    """Display `figure` as a PNG picture with its description below, and close it.

    The description is stored as the picture's `alt`, too, and as the plain text for readers
    who cannot see pictures. JupyterLab 4 shows neither: hence the words below.

    Args:
        figure: the Matplotlib figure.
        alt: what the picture shows, in a sentence or two.
        colours: store the picture with at most so many colours, which a line
            chart does not need more of, in about a quarter of the bytes.

    Raises:
        ValueError: when `alt` is too short to describe anything.
        TypeError: when `figure` is no Matplotlib figure.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"show expects a Matplotlib figure, but got {type(figure).__name__}.")
    if len(alt.split()) < 5:
        raise ValueError(f"alt should describe the picture in a sentence, but is {alt!r}.")
    import matplotlib.pyplot as plt
    from IPython.display import display

    picture = io.BytesIO()
    # Without the software's version the same figure gives the same bytes.
    figure.savefig(picture, format="png", metadata={"Software": None})
    plt.close(figure)
    if colours is not None:
        picture = _with_fewer_colours(picture, colours)
    encoded = base64.b64encode(picture.getvalue()).decode("ascii")
    display(
        {"image/png": encoded, "text/plain": f"Figure: {alt}"},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    display({"text/html": caption(alt)}, metadata={}, raw=True)


def caption(alt: str) -> str:
    """Return the description of a picture as the line of HTML that stands below it."""
    return f"<p><small>Figure: {html.escape(alt, quote=False)}</small></p>"


def _with_fewer_colours(picture: io.BytesIO, colours: int) -> io.BytesIO:
    from PIL import Image

    reduced = io.BytesIO()
    Image.open(picture).convert("RGB").quantize(colours).save(reduced, "PNG", optimize=True)
    return reduced
