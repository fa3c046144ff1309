"""Exercises of lesson 01, linear regression."""

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. One step by hand

one_step = Exercise(
    name="one_step",
    question=(
        "Two cars: 1 litre of engine burns 6, 3 litres burn 12. The line starts at w = 2, b = 3. "
        "Where is w after one step of gradient descent with learning rate 0.1?"
    ),
    reference=3.0,
    explanation=(
        "The errors are 5 - 6 = -1 and 9 - 12 = -3, so dL/dw = 2/2 (-1 x 1 - 3 x 3) = -10, "
        "and w moves to 2 + 0.1 x 10 = 3."
    ),
    hints=[
        "First the two predictions, then the two errors (prediction minus truth).",
        "Each error counts with its engine size: -1 x 1 and -3 x 3. Mean, times 2, gives dL/dw.",
    ],
    mistakes=[
        Mistake(
            "uphill",
            1.0,
            "you went uphill, or this is the step alone. The gradient is negative, and the step "
            "goes against it: begin at w = 2, and w - 0.1 x gradient makes w larger.",
        ),
        Mistake(
            "no factor 2",
            2.5,
            "the derivative of a square brings a factor 2: the mean squared error has gradient "
            "2/n times the sum of error x input.",
        ),
        Mistake(
            "sum, not mean",
            4.0,
            "you summed over the cars without dividing by how many there are, or you began at "
            "b = 3, where w begins at 2.",
        ),
        Mistake(
            "gradient of the bias",
            2.4,
            "that is the step of the bias. For w, each error is weighted with its engine size.",
        ),
        Mistake(
            "the new b",
            3.4,
            "that is where b goes. w begins at 2, and in its gradient each error is weighted with "
            "the engine size.",
        ),
        Mistake(
            "the gradient alone",
            -10.0,
            "that is the gradient. The step goes against it, is 0.1 times as long, and begins at "
            "w = 2.",
        ),
        Mistake(
            "the gradient turned round",
            10.0,
            "that is the gradient with its sign turned: the way to go. Go 0.1 times as far, from "
            "where w is.",
        ),
        Mistake(
            "the rate forgotten",
            12.0,
            "you walked the whole gradient. The learning rate makes the step 0.1 times as long.",
        ),
        Mistake(
            "from b, and the rate forgotten",
            13.0,
            "you began at b = 3 and walked the whole gradient. w begins at 2, and the learning "
            "rate shortens the step.",
        ),
    ],
)

# 2. A measure in litres


def root_mean_squared_error(targets, predictions):  # type: ignore[no-untyped-def]
    return np.sqrt(np.mean((predictions - targets) ** 2))


rmse = Exercise(
    name="rmse",
    question="Write the root mean squared error of predictions, in the units of the target.",
    reference=root_mean_squared_error,
    cases=[
        Case((np.array([8.0, 10.0, 12.0]), np.array([9.0, 10.0, 9.0]))),
        Case((np.array([5.0, 7.0]), np.array([8.0, 3.0]))),
        Case((np.array([10.0, 11.0, 12.0, 13.0]), np.array([10.5, 11.0, 11.0, 15.0]))),
    ],
    explanation="Squares for the sum, a root at the end: the result is in litres per 100 km again.",
    hints=[
        "Read the name from right to left: error, squared, mean, root.",
        "np.mean and np.sqrt do the last two.",
    ],
    mistakes=[
        Mistake(
            "no root",
            lambda targets, predictions: np.mean((predictions - targets) ** 2),
            "this is the mean squared error, in squared litres. Take the root at the end.",
        ),
        Mistake(
            "mean absolute error",
            lambda targets, predictions: np.mean(np.abs(predictions - targets)),
            "this is the mean absolute error. Square each error first, and take the root of the "
            "mean: large errors then count more.",
        ),
        Mistake(
            "sum, not mean",
            lambda targets, predictions: np.sqrt(np.sum((predictions - targets) ** 2)),
            "you took the root of the sum. With more cars this grows although the predictions "
            "are no worse: divide by the number of cars.",
        ),
        Mistake(
            "signed mean",
            lambda targets, predictions: np.abs(np.mean(predictions - targets)),
            "errors of opposite sign cancel here, so a bad model can look perfect. Square "
            "before you average.",
        ),
        Mistake(
            "signed mean, with its sign",
            lambda targets, predictions: np.mean(predictions - targets),
            "this is the mean of the errors with their signs: too much here makes up for too "
            "little there. Square each error first.",
        ),
        Mistake(
            "signed mean, truth less prediction",
            lambda targets, predictions: np.mean(targets - predictions),
            "this is the mean of truth minus prediction: errors of opposite sign cancel in it. "
            "Square each one first.",
        ),
        Mistake(
            "root of the signed mean",
            lambda targets, predictions: np.sqrt(np.mean(predictions - targets)),
            "the errors are not squared, so their mean can be below zero, and has no root: NaN. "
            "Square, then average, then take the root.",
        ),
        Mistake(
            "number outside the root",
            lambda targets, predictions: (
                np.sqrt(np.sum((predictions - targets) ** 2)) / len(targets)
            ),
            "you divided by the number of cars after the root. The mean stands under the root: "
            "divide first.",
        ),
        Mistake(
            "standard deviation of the errors",
            lambda targets, predictions: np.std(predictions - targets),
            "this is the standard deviation of the errors: the mean error was subtracted, so a "
            "model that is one litre off for each car would look perfect.",
        ),
        Mistake(
            "standard deviation of the errors, n - 1",
            lambda targets, predictions: np.std(predictions - targets, ddof=1),
            "this is the standard deviation of the errors, with n - 1. It leaves the mean error "
            "out, however large that is. Square the errors as they are.",
        ),
        Mistake(
            "sum of squares",
            lambda targets, predictions: np.sum((predictions - targets) ** 2),
            "this is the sum of the squares. Mean and root are still to come.",
        ),
        Mistake(
            "sum of sizes",
            lambda targets, predictions: np.sum(np.abs(predictions - targets)),
            "this is the sum of the errors' sizes. The name says: square, then mean, then root.",
        ),
        Mistake(
            "each car's error",
            lambda targets, predictions: np.abs(predictions - targets),
            "a root and a square undo each other when no mean stands between them: these are the "
            "sizes of the errors, one a car.",
        ),
        Mistake(
            "largest error",
            lambda targets, predictions: np.max(np.abs(predictions - targets)),
            "this is the largest error. All cars count: take a mean.",
        ),
        Mistake(
            "share of the target",
            lambda targets, predictions: np.sqrt(np.mean(((predictions - targets) / targets) ** 2)),
            "you divided each error by its target, so the units are gone. Litres are asked for.",
        ),
        Mistake(
            "square of the mean size",
            lambda targets, predictions: np.mean(np.abs(predictions - targets)) ** 2,
            "you squared the mean. Square each error first, so that large ones count more, and "
            "take the root of the mean.",
        ),
        Mistake(
            "one car fewer",
            lambda targets, predictions: np.sqrt(
                np.sum((predictions - targets) ** 2) / (len(targets) - 1)
            ),
            "you divided by n - 1. No mean was estimated here: all n errors count.",
        ),
    ],
)

# 3. Standardise without looking at the test


def standardise(train, test):  # type: ignore[no-untyped-def]
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


def standardise_as_pandas(train, test):  # type: ignore[no-untyped-def]
    """Divide by the deviation whose square is the sum of squares over n - 1."""
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=1)
    return (train - mean) / spread, (test - mean) / spread


standardised = Exercise(
    name="standardised",
    question=(
        "Write a function that standardises a training and a test table column by column "
        "and returns both."
    ),
    reference=standardise,
    also_right=[standardise_as_pandas],
    cases=[
        Case(
            (
                np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]]),
                np.array([[2.0, 40.0], [9.0, 5.0]]),
            ),
            "three training and two test cars",
        ),
        Case(
            (
                np.array([[0.0, 1.0, 4.0], [2.0, 3.0, 5.0], [4.0, 8.0, 9.0], [8.0, 4.0, 2.0]]),
                np.array([[1.0, 1.0, 7.0], [3.0, 2.0, 1.0], [0.0, 5.0, 5.0]]),
            ),
            "four training and three test cars",
        ),
    ],
    explanation=(
        "The test table is measured with the training table's ruler, because at prediction time "
        "there may be one car only, and its own mean would be itself."
    ),
    hints=[
        "Per column: subtract the mean, divide by the standard deviation. Which table's?",
        "train.mean(axis=0) and train.std(axis=0) are the numbers to use for both tables.",
    ],
    mistakes=[
        Mistake(
            "test with its own statistics",
            lambda train, test: (
                (train - train.mean(axis=0)) / train.std(axis=0),
                (test - test.mean(axis=0)) / test.std(axis=0),
            ),
            "the test table was standardised with its own mean and spread. A test must be treated "
            "as cars you have not seen yet: use the training table's numbers for both.",
        ),
        Mistake(
            "test with its own statistics, as pandas divides",
            lambda train, test: (
                (train - train.mean(axis=0)) / train.std(axis=0, ddof=1),
                (test - test.mean(axis=0)) / test.std(axis=0, ddof=1),
            ),
            "the training table is right, but the test table got its own mean and spread. Cars you "
            "have not seen yet have none: use the training table's for both.",
        ),
        Mistake(
            "statistics of both together",
            lambda train, test: tuple(
                (table - np.concatenate([train, test]).mean(axis=0))
                / np.concatenate([train, test]).std(axis=0)
                for table in (train, test)
            ),
            "the mean and spread were taken from both tables together, so the test has leaked "
            "into the training. Use the training table only.",
        ),
        Mistake(
            "one mean for the whole table",
            lambda train, test: (
                (train - train.mean()) / train.std(),
                (test - train.mean()) / train.std(),
            ),
            "one mean was taken over the whole table. Each column has its own unit and needs its "
            "own mean and spread: axis=0.",
        ),
        Mistake(
            "divided by the variance",
            lambda train, test: (
                (train - train.mean(axis=0)) / train.var(axis=0),
                (test - train.mean(axis=0)) / train.var(axis=0),
            ),
            "you divided by the variance, which has squared units. Divide by the standard "
            "deviation, its root.",
        ),
        Mistake(
            "along the rows",
            lambda train, test: (
                (train - train.mean(axis=1, keepdims=True)) / train.std(axis=1, keepdims=True),
                (test - test.mean(axis=1, keepdims=True)) / test.std(axis=1, keepdims=True),
            ),
            "you averaged along the rows, mixing kilowatts with tonnes. axis=0 goes down a column.",
        ),
        Mistake(
            "test as it was",
            lambda train, test: ((train - train.mean(axis=0)) / train.std(axis=0), test),
            "the training table is right, and the test table comes back as it was. Was train "
            "overwritten before its numbers were used? Then its mean is 0 and its spread 1.",
        ),
        Mistake(
            "spread of the test forgotten",
            lambda train, test: (
                (train - train.mean(axis=0)) / train.std(axis=0),
                test - train.mean(axis=0),
            ),
            "the test table is centred and not divided by a spread. Or by one that was measured "
            "after train had been scaled, which is 1: keep the mean and the spread first.",
        ),
        Mistake(
            "mean of the test forgotten",
            lambda train, test: (
                (train - train.mean(axis=0)) / train.std(axis=0),
                test / train.std(axis=0),
            ),
            "the test table is divided by the spread, but nothing was subtracted. Or a mean that "
            "was measured after train had been centred, which is 0: keep the mean first.",
        ),
        Mistake(
            "centred only",
            lambda train, test: (train - train.mean(axis=0), test - train.mean(axis=0)),
            "both tables are centred, but their columns still have the old spreads. Divide each "
            "column by the training table's standard deviation.",
        ),
        Mistake(
            "divided only",
            lambda train, test: (train / train.std(axis=0), test / train.std(axis=0)),
            "both tables are divided by the spread, but not centred. Subtract the training "
            "table's mean first.",
        ),
        *(
            Mistake(
                f"test by {name}",
                answer,
                f"the training table is right, but in the test table {wrong}. Mean and spread both "
                "come from the training table.",
            )
            for name, wrong, answer in (
                (
                    "its own mean",
                    "the mean is its own",
                    lambda train, test: (
                        (train - train.mean(axis=0)) / train.std(axis=0),
                        (test - test.mean(axis=0)) / train.std(axis=0),
                    ),
                ),
                (
                    "its own spread",
                    "the spread is its own",
                    lambda train, test: (
                        (train - train.mean(axis=0)) / train.std(axis=0),
                        (test - train.mean(axis=0)) / test.std(axis=0),
                    ),
                ),
            )
        ),
        Mistake(
            "by the test",
            lambda train, test: tuple(
                (table - test.mean(axis=0)) / test.std(axis=0) for table in (train, test)
            ),
            "mean and spread of both tables come from the test. It stands for cars you have not "
            "seen yet: the training table's numbers are the ones to use.",
        ),
        Mistake(
            "training as it was",
            lambda train, test: (train, (test - train.mean(axis=0)) / train.std(axis=0)),
            "the test table is right, but the training table comes back as it was. The line is "
            "fitted to it: standardise both.",
        ),
        Mistake(
            "one table",
            lambda train, test: (train - train.mean(axis=0)) / train.std(axis=0),
            "you return the training table only. Return both, the training table first.",
        ),
        Mistake(
            "stacked",
            lambda train, test: np.concatenate(standardise(train, test)),
            "your numbers are right, but both tables are stacked into one. Return two.",
        ),
        Mistake(
            "one spread for the whole table",
            lambda train, test: tuple(
                (table - train.mean(axis=0)) / train.std() for table in (train, test)
            ),
            "each column has its own mean, but all share one spread. axis=0 belongs in both.",
        ),
        Mistake(
            "one mean, a spread for each column",
            lambda train, test: tuple(
                (table - train.mean()) / train.std(axis=0) for table in (train, test)
            ),
            "each column has its own spread, but all share one mean. axis=0 belongs in both.",
        ),
        Mistake(
            "no brackets",
            lambda train, test: tuple(
                table - train.mean(axis=0) / train.std(axis=0) for table in (train, test)
            ),
            "a division comes before a subtraction, so only the mean is divided by the spread. "
            "Brackets around the subtraction.",
        ),
        Mistake(
            "exchanged",
            lambda train, test: tuple(
                (table - train.std(axis=0)) / train.mean(axis=0) for table in (train, test)
            ),
            "mean and spread have changed places: subtract the mean, divide by the spread.",
        ),
        Mistake(
            "variance, as pandas divides",
            lambda train, test: tuple(
                (table - train.mean(axis=0)) / train.var(axis=0, ddof=1) for table in (train, test)
            ),
            "you divided by the variance (with n - 1). Its units are squared: take the root.",
        ),
        Mistake(
            "both together, as pandas divides",
            lambda train, test: tuple(
                (table - np.concatenate([train, test]).mean(axis=0))
                / np.concatenate([train, test]).std(axis=0, ddof=1)
                for table in (train, test)
            ),
            "mean and spread come from both tables together. What the test says has leaked into "
            "the training: use the training table only.",
        ),
        Mistake(
            "from nought to one",
            lambda train, test: tuple(
                (table - train.min(axis=0)) / (train.max(axis=0) - train.min(axis=0))
                for table in (train, test)
            ),
            "you scaled the columns so that the training table goes from 0 to 1. Standardising "
            "means mean 0 and standard deviation 1.",
        ),
    ],
)

# 4. A loss with a leash


def ridge_gradient(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
    errors = features @ weights + bias - targets
    weights_gradient = 2 * features.T @ errors / len(targets) + 2 * penalty * weights
    bias_gradient = 2 * np.mean(errors)
    return weights_gradient, bias_gradient


def _ridge_with(slope):  # type: ignore[no-untyped-def]
    """Return a gradient whose penalty has the given slope in the weights."""

    def gradient(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
        plain, bias_gradient = ridge_gradient(features, targets, weights, bias, 0.0)
        return plain + penalty * slope(weights, len(targets)), bias_gradient

    return gradient


def _ridge_of_sums(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
    errors = features @ weights + bias - targets
    return 2 * features.T @ errors + 2 * penalty * weights, 2 * np.sum(errors)


def _ridge_turned_round(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
    errors = targets - (features @ weights + bias)
    return 2 * features.T @ errors / len(targets) + 2 * penalty * weights, 2 * np.mean(errors)


def _ridge_variant(data_factor=2.0, penalty_factor=2.0, bias_penalty=0.0):  # type: ignore[no-untyped-def]
    def gradient(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
        errors = features @ weights + bias - targets
        return (
            data_factor * features.T @ errors / len(targets) + penalty_factor * penalty * weights,
            data_factor * np.mean(errors) + bias_penalty * penalty * bias,
        )

    return gradient


def _ridge_of_two(errors_of, factor, slope):  # type: ignore[no-untyped-def]
    """Return a gradient that is wrong in its errors' part and in its penalty's part."""

    def gradient(features, targets, weights, bias, penalty):  # type: ignore[no-untyped-def]
        errors = errors_of(features @ weights + bias - targets)
        pull = penalty * slope(weights, len(targets))
        return (
            factor * features.T @ errors / len(targets) + pull,
            factor * np.mean(errors),
        )

    return gradient


def _two_ridge_mistakes() -> list[Mistake]:
    parts = {
        "lack their factor 2": (lambda errors: errors, 1.0),
        "are summed and not averaged": (lambda errors: errors * len(errors), 2.0),
        "count the wrong way round": (lambda errors: -errors, 2.0),
        "are summed, and lack their factor 2": (lambda errors: errors * len(errors), 1.0),
    }
    pulls = {
        "the penalty has no effect": lambda weights, cars: 0.0 * weights,
        "the penalty lacks its factor 2": lambda weights, cars: weights,
        "the penalty pushes outwards": lambda weights, cars: -2 * weights,
        "the penalty is shared by the cars": lambda weights, cars: 2 * weights / cars,
        "the penalty pulls with the weight's sign only": lambda weights, cars: np.sign(weights),
        "the penalty is not differentiated": lambda weights, cars: weights**2,
    }
    # Both factors lost is half of the gradient, and has a hint of its own.
    return [
        Mistake(
            f"errors {part}, {pull}",
            _ridge_of_two(errors_of, factor, slope),
            f"two things at once: the errors {part}, and {pull}.",
        )
        for part, (errors_of, factor) in parts.items()
        for pull, slope in pulls.items()
        if (part, pull) != ("lack their factor 2", "the penalty lacks its factor 2")
    ]


ridge = Exercise(
    name="ridge",
    question=(
        "Ridge regression minimises the mean squared error plus penalty x (sum of squared "
        "weights). Write its gradient; the bias goes free."
    ),
    reference=ridge_gradient,
    cases=[
        Case(
            (
                np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]]),
                np.array([3.0, 1.0, 2.0]),
                np.array([0.5, -1.0]),
                0.3,
                0.1,
            ),
            "three cars and two features",
        ),
        Case(
            (
                np.array([[1.0], [2.0], [4.0], [3.0]]),
                np.array([1.0, 2.0, 2.0, 5.0]),
                np.array([2.0]),
                -1.0,
                3.0,
            ),
            "four cars and one feature",
        ),
    ],
    explanation=(
        "Each weight is pulled back in proportion to its size. The bias is left alone: "
        "punishing it would pull all predictions towards zero."
    ),
    hints=[
        "The gradient of a sum is the sum of the gradients: take the lesson's and add one term.",
        "The derivative of penalty x w^2 is 2 x penalty x w.",
    ],
    mistakes=[
        Mistake(
            "no penalty",
            _ridge_variant(penalty_factor=0.0),
            "this is the gradient of the plain mean squared error: the penalty has no effect yet.",
        ),
        Mistake(
            "the bias is punished too",
            _ridge_variant(bias_penalty=2.0),
            "the weights are right, but the bias is punished too. It should go free, "
            "or every prediction is pulled towards zero.",
        ),
        Mistake(
            "no factor 2 in the penalty",
            _ridge_variant(penalty_factor=1.0),
            "the penalty is a square as well: its derivative is 2 x penalty x weights.",
        ),
        Mistake(
            "penalty with the wrong sign",
            _ridge_variant(penalty_factor=-2.0),
            "the penalty pushes the weights outwards here. It is added to the loss, so its "
            "gradient is added too.",
        ),
        Mistake(
            "no factor 2 anywhere",
            _ridge_variant(data_factor=1.0, penalty_factor=1.0),
            "both squares lost their factor 2. That is half the gradient: it points the right "
            "way, but the learning rate no longer means the same.",
        ),
        Mistake(
            "no factor 2 in the errors",
            _ridge_variant(data_factor=1.0),
            "the penalty is right, but the errors are squared as well: their part of both "
            "gradients has a factor 2.",
        ),
        Mistake(
            "errors turned round",
            _ridge_turned_round,
            "the errors count as truth minus prediction, so their part of both gradients points "
            "the wrong way. Take prediction minus truth.",
        ),
        Mistake(
            "sum, not mean",
            _ridge_of_sums,
            "the errors are summed over the cars. The loss is their mean: divide their part by "
            "the number of cars.",
        ),
        Mistake(
            "penalty shared by the cars",
            _ridge_with(lambda weights, cars: 2 * weights / cars),
            "you divided the penalty by the number of cars, too. It is added once to the mean "
            "over the cars.",
        ),
        Mistake(
            "lasso",
            _ridge_with(lambda weights, cars: np.sign(weights)),
            "your penalty pulls each weight equally hard, however large it is: that is the slope "
            "of |w|. Here the weights are squared.",
        ),
        Mistake(
            "penalty itself",
            _ridge_with(lambda weights, cars: weights**2),
            "you added the penalty itself. A gradient needs its derivative in each weight.",
        ),
        Mistake(
            "penalty with the wrong sign and no factor 2",
            _ridge_variant(penalty_factor=-1.0),
            "the penalty pushes the weights outwards, and its factor 2 is missing. It is added "
            "to the loss, and it is a square.",
        ),
        Mistake(
            "penalty of squares and no factor",
            _ridge_with(lambda weights, cars: 2 * weights**2),
            "the penalty's part holds the squared weights still. The derivative of a square has "
            "the weight itself.",
        ),
        Mistake(
            "no factor 2 for the weights",
            lambda features, targets, weights, bias, penalty: (
                ridge_gradient(features, targets, weights, bias, 2 * penalty)[0] / 2,
                ridge_gradient(features, targets, weights, bias, penalty)[1],
            ),
            "the bias and the penalty are right. In the weights' gradient the errors lack the "
            "factor 2 that their square brings.",
        ),
        Mistake(
            "sum of all weights",
            _ridge_with(lambda weights, cars: 2 * np.sum(weights)),
            "all weights are pulled by their sum. Each is pulled back by its own size alone.",
        ),
        Mistake(
            "penalty shared, no factor 2",
            _ridge_with(lambda weights, cars: weights / cars),
            "the penalty is divided by the number of cars, and lacks its factor 2. It is added "
            "once to the mean, and it is a square.",
        ),
        Mistake(
            "the bias forgotten in the errors",
            lambda features, targets, weights, bias, penalty: ridge_gradient(
                features, targets, weights, 0.0, penalty
            ),
            "the bias is missing in your predictions. It goes free of the penalty, but it still "
            "belongs to the line.",
        ),
        Mistake(
            "no slope for the bias",
            lambda features, targets, weights, bias, penalty: (
                ridge_gradient(features, targets, weights, bias, penalty)[0],
                0.0,
            ),
            "the weights are right, but the bias would never move. That it goes free means that "
            "no penalty pulls it; the errors still do.",
        ),
        Mistake(
            "the bias is punished, and no factor 2",
            _ridge_variant(bias_penalty=1.0),
            "the weights are right, but penalty x bias is added to the bias's slope. No penalty "
            "pulls the bias.",
        ),
        *_two_ridge_mistakes(),
        Mistake(
            "penalty without weights",
            _ridge_with(lambda weights, cars: 1.0),
            "you added the penalty's strength to each weight's gradient. How hard a weight is "
            "pulled back depends on how large it is.",
        ),
    ],
)

# 5. Open-ended: better inputs

INPUTS_TARGET = 1.3
LESSON_INPUTS = ["weight", "power", "year"]


def better_inputs(cars):  # type: ignore[no-untyped-def]
    year = cars["year"] - 1976
    return np.column_stack(
        [
            cars["weight"],
            cars["power"],
            year,
            year**2,
            year * cars["weight"],
            cars["power"] * cars["acceleration"],
            cars["cylinders"] == 4,
            cars["name"].str.contains("diesel"),
        ]
    )


def weight_and_power(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["weight"], cars["power"]])


def cross_validated_error(design: np.ndarray, targets: np.ndarray, folds: int = 10) -> float:
    """Return the root mean squared error of least squares on cars left out of the fit.

    Args:
        design: shape (n, d), the inputs.
        targets: shape (n,).
        folds: in how many parts to leave cars out.

    Returns:
        The error over all cars, each predicted by a fit that did not see it.
    """
    rows = np.random.default_rng(0).permutation(len(targets))
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    design = np.column_stack([design, np.ones(len(design))])
    errors = np.empty(len(targets))
    for fold in range(folds):
        held_out = rows[fold::folds]
        fitted = np.setdiff1d(rows, held_out)
        weights = np.linalg.lstsq(design[fitted], targets[fitted], rcond=None)[0]
        errors[held_out] = design[held_out] @ weights - targets[held_out]
    return float(np.sqrt(np.mean(errors**2)))


def _ideas(cars) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    """Return inputs that somebody may not have thought of, by the sentence that suggests each."""
    year = cars["year"].to_numpy() - 1976
    return {
        "The year may matter more for heavy cars: what about year x weight?": year * cars["weight"],
        "Progress need not be steady: a square of the year lets it bend.": year**2,
        "Power may cost more in a car that is slow to speed up: power x acceleration?": (
            cars["power"] * cars["acceleration"]
        ),
        "Are cars of four cylinders another kind? A yes or no can say so.": cars["cylinders"] == 4,
        "Some names tell what kind of fuel the car burns.": cars["name"].str.contains("diesel"),
    }


def _what_is_missing(design: np.ndarray, cars, targets: np.ndarray) -> str:  # type: ignore[no-untyped-def]
    """Return a sentence on the one more input that would help these inputs most."""

    def error_with(column) -> float:  # type: ignore[no-untyped-def]
        return cross_validated_error(np.column_stack([design, column]), targets)

    error = cross_validated_error(design, targets)
    missing = [name for name in LESSON_INPUTS if error - error_with(cars[name]) > 0.1]
    if missing:
        columns, these = ("column", "it") if len(missing) == 1 else ("columns", "these")
        return (
            f"Beside yours the {columns} {', '.join(missing)} would bring it to "
            f"{error_with(cars[missing]):.3f}: begin with {these}."
        )
    left = {idea: error_with(column) for idea, column in _ideas(cars).items()}
    best = min(left, key=lambda idea: left[idea])
    if _adds_nothing(design, cars[LESSON_INPUTS].to_numpy(float)):
        return (
            "Your inputs hold nothing that these three do not: columns that are shifted, scaled "
            f"or added up draw the same line. A square or a product is new. {best}"
        )
    return best


def _adds_nothing(design: np.ndarray, known: np.ndarray) -> bool:
    """Say whether all columns of `design` are a sum of `known` columns and a constant."""
    known = np.column_stack([(known - known.mean(axis=0)) / known.std(axis=0), np.ones(len(known))])
    columns = (design - design.mean(axis=0)) / design.std(axis=0)
    left = columns - known @ np.linalg.lstsq(known, columns, rcond=None)[0]
    return bool(np.abs(left).max() < 1e-6)


def _rare_columns(design: np.ndarray) -> int:
    """Count the columns in which all but five rows hold the same value."""
    commonest = [np.unique(column, return_counts=True)[1].max() for column in design.T]
    return int(sum(count >= len(design) - 5 for count in commonest))


def _accept_inputs(answer) -> str:  # type: ignore[no-untyped-def]
    from course_lib.datasets import auto_mpg

    cars = auto_mpg()
    targets = cars.pop("fuel_use").to_numpy()
    try:
        given = call(answer, Case((cars,), "the 392 cars"))
    except Rejected as rejection:
        if "KeyError: 'fuel_use'" in str(rejection):
            return "fuel_use is what you predict. At prediction time you do not have it."
        raise
    try:
        design = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise Rejected(
            "the table holds something that is no number. Turn text such as the origin into "
            "numbers: cars['origin'] == 'USA' gives True and False, which count as 1 and 0."
        ) from None
    if design.ndim == 2 and design.shape[1] == len(cars) != len(design):
        return (
            f"your table has a row per input and {len(cars)} columns. It should be the other way "
            "round: transpose it with .T, or use np.column_stack."
        )
    if design.ndim != 2 or len(design) != len(cars):
        return (
            f"expected a table with {len(cars)} rows, one per car, and a column per input, "
            f"but got shape {design.shape}. np.column_stack builds one."
        )
    if not np.isfinite(design).all():
        return "the table holds NaN or infinity, and a line through NaN is NaN."
    if (design.std(axis=0) == 0).any():
        return "one column is the same for every car. The bias does that job already: leave it out."
    if design.shape[1] > 40:
        rare = _rare_columns(design)
        return (f"{design.shape[1]} inputs for 392 cars is too many to trust: 40 are allowed.") + (
            f" In {rare} of them all but a few cars hold the same value: what such a column learns "
            "from a handful of cars says nothing of others. Which kinds of cars matter?"
            if rare > design.shape[1] / 2
            else ""
        )
    error = cross_validated_error(design, targets)
    if error > INPUTS_TARGET:
        alone = cross_validated_error(cars[LESSON_INPUTS].to_numpy(float), targets)
        return (
            f"the error on cars left out is {error:.3f} litres per 100 km, and should be at most "
            f"{INPUTS_TARGET}; weight, power and year alone reach {alone:.3f}. "
            f"{_what_is_missing(design, cars, targets)}"
        )
    return ""


def _with_constant(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["weight"], np.ones(len(cars))])


def _three_columns(cars):  # type: ignore[no-untyped-def]
    return np.log(cars[["weight", "power", "year"]])


def _with_text(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["weight"], cars["origin"]])


def _flat(cars):  # type: ignore[no-untyped-def]
    return cars["weight"].to_numpy()


def _cylinders(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["cylinders"], cars["acceleration"]])


def _as_rows(cars):  # type: ignore[no-untyped-def]
    return better_inputs(cars).astype(float).T


def _only_scaled(cars):  # type: ignore[no-untyped-def]
    table = cars[["weight", "power", "year"]].to_numpy(float)
    return (table - table.mean(axis=0)) / table.std(axis=0)


def _each_name(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["name"] == name for name in sorted(set(cars["name"]))])


def _with_the_answer(cars):  # type: ignore[no-untyped-def]
    return np.column_stack([cars["weight"], cars["fuel_use"]])


inputs = Exercise(
    name="inputs",
    question=(
        "Build inputs from the columns of the cars (all but fuel_use) so that a line predicts "
        f"cars it has not seen to within {INPUTS_TARGET} litres per 100 km (RMSE)."
    ),
    reference=better_inputs,
    accept=_accept_inputs,
    explanation="A line in new inputs can be a curve in the old ones.",
    hints=[
        "The lesson's best line knows weight, power and year. What does it not know about a car?",
        "A line is linear in its inputs, not in the data: squares and products are allowed inputs.",
        "Try year x weight, power x acceleration, four cylinders or not, and diesel in the name.",
    ],
    mistakes=[
        Mistake("weight and power only", weight_and_power, "the column year would bring"),
        Mistake("cylinders only", _cylinders, "the columns weight, power, year would bring"),
        Mistake("no product of two columns", _three_columns, "matter more for heavy cars"),
        Mistake("a column of ones", _with_constant, "The bias does that job already"),
        Mistake("text as input", _with_text, "Turn text such as the origin into numbers"),
        Mistake("as rows", _as_rows, "transpose it with .T"),
        Mistake("only scaled", _only_scaled, "hold nothing that these three do not"),
        Mistake("a column for each name", _each_name, "from a handful of cars"),
        Mistake("one column without its axis", _flat, "a column per input"),
        Mistake("the answer as an input", _with_the_answer, "fuel_use is what you predict"),
    ],
)
