"""Answers to the exercises of lesson 01, by other learners.

They were written without sight of what the checks know.
"""

import numpy as np


def own_ruler(train, test):
    def scaled(table):
        return (table - table.mean(axis=0)) / table.std(axis=0)

    return scaled(train), scaled(test)


def both_tables_pooled(train, test):
    both = np.concatenate([train, test])
    mean, spread = both.mean(axis=0), both.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


def one_mean_for_all_columns(train, test):
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (test - mean) / spread


def three_columns(cars):
    return cars[["weight", "power", "year"]].to_numpy(dtype=float)


def curves_without_the_year(cars):
    weight, power = cars["weight"], cars["power"]
    return np.column_stack([weight, power, weight**2, power**2, weight * power])


def a_row_for_each_column(cars):
    year = cars["year"] - 1976
    columns = [
        cars["weight"],
        cars["power"],
        year,
        year**2,
        year * cars["weight"],
        cars["power"] * cars["acceleration"],
        cars["cylinders"] == 4,
    ]
    return np.array([np.asarray(column, dtype=float) for column in columns])


def root_of_the_sum(targets, predictions):
    return np.sqrt(np.sum((targets - predictions) ** 2))


def ridge_without_two_in_the_fine(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    return 2 * features.T @ errors / len(targets) + penalty * weights, 2 * errors.mean()


def ridge_that_fines_the_bias(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    weights_gradient = 2 * features.T @ errors / len(targets) + 2 * penalty * weights
    return weights_gradient, 2 * errors.mean() + 2 * penalty * bias


def ridge_with_errors_turned(features, targets, weights, bias, penalty):
    errors = targets - (features @ weights + bias)
    weights_gradient = 2 * features.T @ errors / len(targets) + 2 * penalty * weights
    return weights_gradient, 2 * errors.mean()


WRONG = {
    "one_step": {
        "walks uphill": 2 + 0.1 * (2 / 2 * (-1 * 1 - 3 * 3)),
        "no 2 from the square": 2 - 0.1 * (1 / 2 * (-1 * 1 - 3 * 3)),
        "forgets the x in the gradient (the bias's gradient)": 2 - 0.1 * (2 / 2 * (-1 - 3)),
    },
    "standardised": {
        "each table with its own mean": own_ruler,
        "mean of both tables together": both_tables_pooled,
        "one mean for the whole table, no axis": one_mean_for_all_columns,
    },
    "inputs": {
        "weight, power and year as they are": three_columns,
        "squares and a product, but no year": curves_without_the_year,
        "good columns, but a row for each column": a_row_for_each_column,
    },
    "rmse": {
        "forgets the root": lambda targets, predictions: np.mean((targets - predictions) ** 2),
        "takes the root before the mean": (
            lambda targets, predictions: np.mean(np.sqrt((targets - predictions) ** 2))
        ),
        "sum for mean under the root": root_of_the_sum,
    },
    "ridge": {
        "no 2 in the fine's gradient": ridge_without_two_in_the_fine,
        "fines the bias as well": ridge_that_fines_the_bias,
        "target minus prediction": ridge_with_errors_turned,
    },
}
RIGHT = {}
