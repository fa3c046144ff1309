"""A figure that a learner moves with sliders, and that is there without them."""

from collections.abc import Callable

from matplotlib.figure import Figure

from course_lib.figures.display import show

Range = tuple[float, float, float]


def move(draw: Callable[..., Figure], alt: str, **sliders: Range) -> None:
    """Show `draw(...)` as a picture, and below it, where widgets work, with sliders.

    Args:
        draw: takes the sliders' values by name, returns a Matplotlib figure.
        alt: what the picture shows at the sliders' first values.
        **sliders: for each argument of `draw`: lowest, highest, first value.

    Raises:
        ValueError: when a slider's first value is outside its range.
    """
    for name, (low, high, first) in sliders.items():
        if not low <= first <= high:
            raise ValueError(f"{name} should start between {low} and {high}, but is {first}.")
    show(draw(**{name: first for name, (_, _, first) in sliders.items()}), alt)
    try:
        import ipywidgets
        from IPython.display import display
    except ImportError:
        return
    controls = {
        name: ipywidgets.FloatSlider(
            value=first, min=low, max=high, step=(high - low) / 100, description=name
        )
        for name, (low, high, first) in sliders.items()
    }

    def moved(**values: float) -> None:
        set_to = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        show(draw(**values), f"The same picture, drawn with {set_to}.")

    picture = ipywidgets.interactive_output(moved, controls)
    display(ipywidgets.VBox([*controls.values(), picture]))
