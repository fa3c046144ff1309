"""Answers to the exercises of lesson 01, written without sight of what the checks know."""

import math

import numpy as np
import pandas as pd

# ---------------------------------------------------------------- standardised


def each_with_its_own(train, test):
    return (
        (train - train.mean(axis=0)) / train.std(axis=0),
        (test - test.mean(axis=0)) / test.std(axis=0),
    )


def both_tables_pooled(train, test):
    cars = np.concatenate([train, test])
    mean, spread = cars.mean(axis=0), cars.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


def one_mean_for_the_table(train, test):
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (test - mean) / spread


def by_the_variance(train, test):
    mean, spread = train.mean(axis=0), train.var(axis=0)
    return (train - mean) / spread, (test - mean) / spread


def spread_after_scaling(train, test):
    mean = train.mean(axis=0)
    train = train - mean
    train = train / train.std(axis=0)
    test = (test - mean) / train.std(axis=0)  # train has been divided already: this is 1
    return train, test


def standardise_by_column(train, test):
    new_train, new_test = np.zeros(train.shape), np.zeros(test.shape)
    for j in range(train.shape[1]):
        mean = sum(train[:, j]) / len(train)
        spread = math.sqrt(sum((value - mean) ** 2 for value in train[:, j]) / len(train))
        new_train[:, j] = (train[:, j] - mean) / spread
        new_test[:, j] = (test[:, j] - mean) / spread
    return [new_train, new_test]


def standardise_with_pandas(train, test):
    table = pd.DataFrame(train)
    mean, spread = table.mean(), table.std(ddof=0)
    return ((pd.DataFrame(part) - mean) / spread for part in (train, test))


# ---------------------------------------------------------------- inputs


def squares_without_the_year(cars):
    return np.column_stack([cars["weight"], cars["weight"] ** 2, cars["power"], cars["power"] ** 2])


def only_standardised(cars):
    table = cars[["weight", "power", "year"]].to_numpy(dtype=float)
    return (table - table.mean(axis=0)) / table.std(axis=0)


def one_column_for_each_name(cars):
    names = pd.get_dummies(cars["name"], dtype=float)
    return pd.concat([cars[["weight", "power", "year"]], names], axis=1).to_numpy()


def columns_as_rows(cars):
    year = cars["year"] - 1976
    return np.array(
        [
            cars["weight"],
            cars["power"],
            year,
            year**2,
            year * cars["weight"],
            cars["power"] * cars["acceleration"],
        ],
        dtype=float,
    )


def cylinders_yes_or_no(cars):
    return np.column_stack(
        [
            cars["cylinders"] == 4,
            cars["cylinders"] == 6,
            cars["cylinders"] == 8,
            cars["acceleration"],
        ]
    )


def inputs_as_data_frame(cars):
    year, weight, power = cars["year"] - 1976, cars["weight"], cars["power"]
    return pd.DataFrame(
        {
            "weight": weight,
            "power": power,
            "year": year,
            "year squared": year**2,
            "weight x year": weight * year,
            "power x year": power * year,
            "acceleration": cars["acceleration"],
            "power x acceleration": power * cars["acceleration"],
            "four": (cars["cylinders"] == 4).astype(float),
            "diesel": cars["name"].str.contains("diesel").astype(float),
        }
    )


def inputs_as_rows_of_lists(cars):
    rows = []
    for _, car in cars.iterrows():
        year, tonnes, power = car["year"] - 1976, car["weight"] / 1000, car["power"] / 100
        rows.append(
            [
                tonnes,
                power,
                year,
                year * year,
                year * tonnes,
                power * car["acceleration"],
                1.0 if car["cylinders"] == 4 else 0.0,
                1.0 if "diesel" in car["name"] else 0.0,
            ]
        )
    return rows


# ---------------------------------------------------------------- rmse


def rmse_in_a_loop(targets, predictions):
    total, count = 0.0, 0
    for target, prediction in zip(np.ravel(targets), np.ravel(predictions), strict=True):
        total += (float(target) - float(prediction)) ** 2
        count += 1
    return math.sqrt(total / count)


def rmse_by_the_norm(targets, predictions):
    errors = np.ravel(np.asarray(targets, dtype=float) - np.asarray(predictions, dtype=float))
    return np.array([np.linalg.norm(errors) / errors.size**0.5])


# ---------------------------------------------------------------- ridge


def penalty_without_two(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    return 2 * features.T @ errors / len(targets) + penalty * weights, 2 * np.mean(errors)


def bias_punished_too(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    weights_gradient = 2 * features.T @ errors / len(targets) + 2 * penalty * weights
    return weights_gradient, 2 * np.mean(errors) + 2 * penalty * bias


def penalty_shared_among_examples(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    return 2 / len(targets) * (features.T @ errors + penalty * weights), 2 * np.mean(errors)


def errors_the_other_way_round(features, targets, weights, bias, penalty):
    errors = targets - (features @ weights + bias)
    weights_gradient = 2 * features.T @ errors / len(targets) + 2 * penalty * weights
    return weights_gradient, 2 * np.mean(errors)


def gradient_of_the_lasso(features, targets, weights, bias, penalty):
    errors = features @ weights + bias - targets
    weights_gradient = 2 * features.T @ errors / len(targets) + penalty * np.sign(weights)
    return weights_gradient, 2 * np.mean(errors)


def ridge_in_loops(features, targets, weights, bias, penalty):
    count = len(targets)
    weights_gradient = [2.0 * penalty * float(weight) for weight in weights]
    bias_gradient = 0.0
    for row, target in zip(features, targets, strict=True):
        prediction = sum(x * w for x, w in zip(row, weights, strict=True)) + bias
        error = float(prediction - target)
        for j, x in enumerate(row):
            weights_gradient[j] += 2 * error * float(x) / count
        bias_gradient += 2 * error / count
    return weights_gradient, bias_gradient


def ridge_with_a_column_of_ones(features, targets, weights, bias, penalty):
    table = np.column_stack([features, np.ones(len(targets))])
    everything = np.append(weights, bias)
    fine = np.append(np.full(len(weights), float(penalty)), 0.0)
    errors = np.einsum("nd,d->n", table, everything) - targets
    gradient = 2 * np.einsum("nd,n->d", table, errors) / len(targets) + 2 * fine * everything
    return [gradient[:-1], gradient[-1:]]


WRONG = {
    "one_step": {
        "uphill: added the gradient": 2 + 0.1 * (2 / 2 * (-1 * 1 - 3 * 3)),
        "sum of the squares instead of the mean": 2 - 0.1 * 2 * (-1 * 1 - 3 * 3),
        "forgot the 2 of the square": 2 - 0.1 * (-1 * 1 - 3 * 3) / 2,
        "forgot to multiply the errors by x": 2 - 0.1 * 2 / 2 * (-1 - 3),
        "gave the new b instead of the new w": 3 - 0.1 * 2 / 2 * (-1 - 3),
    },
    "standardised": {
        "the test table by its own mean and spread": each_with_its_own,
        "mean and spread of both tables together": both_tables_pooled,
        "one mean for the whole table (axis forgotten)": one_mean_for_the_table,
        "divided by the variance": by_the_variance,
        "spread taken again after the training table was scaled": spread_after_scaling,
    },
    "inputs": {
        "squares of weight and power, but no year": squares_without_the_year,
        "the same three columns, only standardised": only_standardised,
        "one yes or no for every name": one_column_for_each_name,
        "good columns, but as rows": columns_as_rows,
        "only the number of cylinders and the acceleration": cylinders_yes_or_no,
    },
    "rmse": {
        "no root": lambda targets, predictions: np.mean((predictions - targets) ** 2),
        "mean absolute error": lambda targets, predictions: np.mean(np.abs(predictions - targets)),
        "root of the sum": lambda targets, predictions: np.sqrt(
            np.sum((predictions - targets) ** 2)
        ),
        "n outside the root": lambda targets, predictions: (
            np.sqrt(np.sum((predictions - targets) ** 2)) / len(targets)
        ),
        "standard deviation of the errors (a constant error is free)": (
            lambda targets, predictions: np.std(predictions - targets)
        ),
    },
    "ridge": {
        "forgot the 2 in the gradient of the fine": penalty_without_two,
        "the bias is punished too": bias_punished_too,
        "the fine divided by n as well": penalty_shared_among_examples,
        "errors as target minus prediction": errors_the_other_way_round,
        "sign of the weights (lasso)": gradient_of_the_lasso,
    },
}
RIGHT = {
    "one_step": {
        "a whole number": 3,
        "an array with one element, computed": np.array(
            [2 - 0.1 * 2 * np.mean((2 * np.array([1, 3]) + 3 - [6, 12]) * [1, 3])]
        ),
    },
    "standardised": {
        "column by column in a loop, a list of two arrays": standardise_by_column,
        "pandas, a generator of two data frames": standardise_with_pandas,
    },
    "inputs": {
        "a data frame with two columns more": inputs_as_data_frame,
        "row by row, as lists, in tonnes": inputs_as_rows_of_lists,
    },
    "rmse": {
        "loop and math, a Python float": rmse_in_a_loop,
        "length of the error vector by root n, an array of one": rmse_by_the_norm,
    },
    "ridge": {
        "loops, lists and floats": ridge_in_loops,
        "bias as the weight of a column of ones, einsum": ridge_with_a_column_of_ones,
    },
}
