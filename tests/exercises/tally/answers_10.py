"""Answers to the exercises of lesson 10, written without sight of what the checks know."""

import numpy as np
import pandas as pd

# nudging ------------------------------------------------------------------------------------


def nudge_without_two(function, x, step):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        gradient[i] = (function(ahead) - function(behind)) / step
    return gradient


def nudge_forward(function, x, step):
    here = function(x)
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead = x.copy()
        ahead[i] += step
        gradient[i] = (function(ahead) - here) / step
    return gradient


def nudge_half_step(function, x, step):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step / 2
        behind[i] -= step / 2
        gradient[i] = (function(ahead) - function(behind)) / step
    return gradient


def nudge_not_moved_back(function, x, step):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += step
        ahead = function(x)
        x[i] -= 2 * step
        behind = function(x)
        gradient[i] = (ahead - behind) / (2 * step)
    return gradient


def nudge_all_at_once(function, x, step):
    slope = (function(x + step) - function(x - step)) / (2 * step)
    return np.full(len(x), slope)


def nudge_list(function, x, step):
    return [
        (function(x + step * unit) - function(x - step * unit)) / (2 * step)
        for unit in np.eye(len(x))
    ]


def nudge_table(function, x, step):
    moves = step * np.eye(len(x))
    ahead = np.apply_along_axis(function, 1, x + moves)
    behind = np.apply_along_axis(function, 1, x - moves)
    return (ahead - behind) / (2.0 * step)


# baselines ----------------------------------------------------------------------------------


def mean_baseline_first(gradient, x, baselines, steps):
    baseline = baselines.mean(axis=0)
    shares = (np.arange(steps) + 0.5) / steps
    slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
    return (x - baseline) * np.mean(slopes, axis=0)


def product_of_means(gradient, x, baselines, steps):
    shares = (np.arange(steps) + 0.5) / steps
    slopes = [gradient(b + share * (x - b)) for b in baselines for share in shares]
    return (x - baselines.mean(axis=0)) * np.mean(slopes, axis=0)


def path_from_zero(gradient, x, baselines, steps):
    shares = (np.arange(steps) + 0.5) / steps
    stories = []
    for baseline in baselines:
        slopes = [gradient(share * (x - baseline)) for share in shares]
        stories.append((x - baseline) * np.mean(slopes, axis=0))
    return np.mean(stories, axis=0)


def left_rule(gradient, x, baselines, steps):
    shares = np.arange(steps) / steps
    stories = []
    for baseline in baselines:
        slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
        stories.append((x - baseline) * np.mean(slopes, axis=0))
    return np.mean(stories, axis=0)


def sum_of_stories(gradient, x, baselines, steps):
    total = np.zeros(len(x))
    for baseline in baselines:
        for k in range(steps):
            point = baseline + (k + 0.5) / steps * (x - baseline)
            total += (x - baseline) * gradient(point) / steps
    return total


def baselines_running_total(gradient, x, baselines, steps):
    total = 0.0
    for baseline in baselines:
        way = x - baseline
        for k in range(steps):
            total = total + way * np.asarray(gradient(baseline + way * (2 * k + 1) / (2 * steps)))
    return total / (steps * len(baselines))


def baselines_einsum(gradient, x, baselines, steps):
    ways = x[np.newaxis] - baselines
    shares = np.linspace(0, 1, steps, endpoint=False) + 0.5 / steps
    slopes = np.array([[gradient(x - (1 - s) * way) for s in shares] for way in ways])
    return np.einsum("bi,bsi->i", ways, slopes) / (len(baselines) * steps)


# spot ---------------------------------------------------------------------------------------


def drops_of(score, some, paint=0.0):
    before = score(some).mean()
    drops = np.zeros((26, 26))
    for row in range(26):
        for column in range(26):
            covered = some.copy()
            covered[:, row : row + 3, column : column + 3] = paint
            drops[row, column] = before - score(covered).mean()
    return drops


def spot_column_first(score, coats):
    drops = drops_of(score, coats[:20])
    row, column = np.unravel_index(drops.argmax(), drops.shape)
    return column, row


def spot_smallest_drop(score, coats):
    drops = drops_of(score, coats[:20])
    return np.unravel_index(drops.argmin(), drops.shape)


def spot_width_28(score, coats):
    return divmod(int(drops_of(score, coats[:20]).argmax()), 28)


def spot_painted_white(score, coats):
    drops = drops_of(score, coats[:20], paint=coats.max())
    return np.unravel_index(drops.argmax(), drops.shape)


def spot_brightest(score, coats):
    mean = coats.mean(axis=0)
    light = [[mean[r : r + 3, c : c + 3].sum() for c in range(26)] for r in range(26)]
    return np.unravel_index(np.argmax(light), (26, 26))


def spot_call_a_row(score, coats):
    some = coats[-60:]
    best, place = -np.inf, (0, 0)
    before = float(np.mean(score(some)))
    for row in range(26):
        covered = np.repeat(some[np.newaxis], 26, axis=0)
        for column in range(26):
            covered[column, :, row : row + 3, column : column + 3] = 0
        after = np.reshape(score(covered.reshape(-1, 28, 28)), (26, len(some))).mean(axis=1)
        column = int(after.argmin())
        if before - after[column] > best:
            best, place = before - after[column], (row, column)
    return place


def spot_two_passes(score, coats):
    """Every place on few coats, then the twenty best places on all coats."""
    few = coats[::8]
    after = {}
    for row in range(26):
        for column in range(26):
            covered = few.copy()
            covered[:, row : row + 3, column : column + 3] = 0
            after[row, column] = float(np.mean(score(covered)))
    finalists = sorted(after, key=after.get)[:20]
    for row, column in finalists:
        covered = coats.copy()
        covered[:, row : row + 3, column : column + 3] = 0
        after[row, column] = float(np.mean(score(covered)))
    return list(min(finalists, key=after.get))


# grad_cam_by_hand ---------------------------------------------------------------------------


def cam_scaled_to_one(maps, gradients):
    cam = np.maximum(0, maps @ gradients.mean(axis=(0, 1)))
    return cam / max(cam.max(), 1e-9)


def cam_loop(maps, gradients):
    rows, columns, channels = maps.shape
    total = np.zeros((rows, columns))
    for k in range(channels):
        total += gradients[:, :, k].sum() / (rows * columns) * maps[:, :, k]
    total[total < 0] = 0
    return total


def cam_einsum(maps, gradients):
    cam = np.einsum("rck,ijk->rc", maps, gradients) / (maps.shape[0] * maps.shape[1])
    return cam.clip(min=0).tolist()


# ranks --------------------------------------------------------------------------------------


def mean_ranks(values):
    below = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return below + (equal - 1) / 2


def ranks_argsort_once(a, b):
    return np.corrcoef(np.argsort(a, kind="stable"), np.argsort(b, kind="stable"))[0, 1]


def ranks_argsort_twice(a, b):
    return np.corrcoef(
        np.argsort(np.argsort(a, kind="stable"), kind="stable"),
        np.argsort(np.argsort(b, kind="stable"), kind="stable"),
    )[0, 1]


def ranks_lowest_for_ties(a, b):
    def ranks(values):
        return (values[None, :] < values[:, None]).sum(axis=1)

    return np.corrcoef(ranks(a), ranks(b))[0, 1]


def ranks_textbook_formula(a, b):
    n = len(a)
    return 1 - 6 * np.sum((mean_ranks(a) - mean_ranks(b)) ** 2) / (n * (n**2 - 1))


def ranks_whole_matrix(a, b):
    return np.corrcoef(mean_ranks(a), mean_ranks(b))


def ranks_pandas(a, b):
    return float(pd.Series(np.asarray(a)).rank().corr(pd.Series(np.asarray(b)).rank()))


def ranks_searchsorted(a, b):
    centred = []
    for values in (np.asarray(a), np.asarray(b)):
        ordered = np.sort(values)
        left = np.searchsorted(ordered, values, side="left")
        right = np.searchsorted(ordered, values, side="right")
        centred.append((left + right) / 2 - len(values) / 2)
    p, q = centred
    return np.array([(p @ q) / np.sqrt((p @ p) * (q @ q))])


# deletion -----------------------------------------------------------------------------------


def delete_in_order(score, image, order):
    left = image.copy()
    scores = [score(left)]
    for place in order:
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def delete_lowest_first(score, image, attribution):
    return delete_in_order(score, image, np.argsort(attribution.ravel(), kind="stable"))


def delete_by_size(score, image, attribution):
    order = np.argsort(-np.abs(attribution).ravel(), kind="stable")
    return delete_in_order(score, image, order)


def delete_without_before(score, image, attribution):
    left = image.copy()
    scores = []
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def delete_one_at_a_time(score, image, attribution):
    scores = [score(image)]
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        left = image.copy()
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def delete_in_the_image(score, image, attribution):
    scores = [score(image)]
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        image[np.unravel_index(place, image.shape)] = 0
        scores.append(score(image))
    return np.array(scores)


def delete_by_mask(score, image, attribution):
    order = np.argsort(-attribution, axis=None, kind="stable")
    turn = np.empty(order.size, dtype=int)
    turn[order] = np.arange(order.size)
    turn = turn.reshape(image.shape)
    return [score(np.where(turn < gone, 0, image)) for gone in range(order.size + 1)]


def delete_sorted_places(score, image, attribution):
    places = sorted(np.ndindex(*image.shape), key=lambda p: attribution[p], reverse=True)
    scores = [float(score(image.copy()))]
    now = image
    for place in places:
        now = now.copy()
        now[place] = 0
        scores.append(float(score(now)))
    return np.asarray(scores)


WRONG = {
    "nudging": {
        "divides by one step, not by two": nudge_without_two,
        "forward difference": nudge_forward,
        "half a step to each side": nudge_half_step,
        "changes x and does not move it back": nudge_not_moved_back,
        "nudges all inputs at once": nudge_all_at_once,
    },
    "baselines": {
        "averages the baselines first, then one path": mean_baseline_first,
        "mean way times mean gradient (product of means)": product_of_means,
        "path without its start: share * (x - baseline)": path_from_zero,
        "left ends of the steps, not their middle": left_rule,
        "sum over the baselines, not the mean": sum_of_stories,
    },
    "spot": {
        "column before row": spot_column_first,
        "argmin of the drops": spot_smallest_drop,
        "flat number divided by 28, not by 26": spot_width_28,
        "paints white, not black": spot_painted_white,
        "the brightest patch of the mean coat": spot_brightest,
    },
    "grad_cam_by_hand": {
        "no ReLU": lambda maps, gradients: maps @ gradients.mean(axis=(0, 1)),
        "maps times gradients place by place": (
            lambda maps, gradients: np.maximum(0, (maps * gradients).sum(axis=2))
        ),
        "mean over the channels, not the sum": (
            lambda maps, gradients: np.maximum(0, (maps * gradients.mean(axis=(0, 1))).mean(axis=2))
        ),
        "ReLU on each map before the sum": (
            lambda maps, gradients: np.maximum(0, maps * gradients.mean(axis=(0, 1))).sum(axis=2)
        ),
        "scaled to a maximum of 1": cam_scaled_to_one,
    },
    "ranks": {
        "argsort once: places, not ranks": ranks_argsort_once,
        "argsort twice: ties by accident": ranks_argsort_twice,
        "ties share their lowest rank": ranks_lowest_for_ties,
        "1 - 6 sum d^2 / (n (n^2 - 1)) in spite of ties": ranks_textbook_formula,
        "the whole 2 x 2 matrix": ranks_whole_matrix,
    },
    "deletion": {
        "lowest attribution first": delete_lowest_first,
        "largest absolute attribution first": delete_by_size,
        "without the score before": delete_without_before,
        "each pixel alone, the others put back": delete_one_at_a_time,
        "blackens the caller's image": delete_in_the_image,
    },
}
RIGHT = {
    "nudging": {
        "a list over the rows of np.eye": nudge_list,
        "all nudged points as a table, apply_along_axis": nudge_table,
    },
    "baselines": {
        "running total, divided once at the end": baselines_running_total,
        "path walked from x, einsum": baselines_einsum,
    },
    "spot": {
        "one call for each row of places, the last 60 coats": spot_call_a_row,
        "few coats first, then the best places on all; a list": spot_two_passes,
    },
    "grad_cam_by_hand": {
        "loop over the channels": cam_loop,
        "one einsum, nested list": cam_einsum,
    },
    "ranks": {
        "pandas rank and corr, Python float": ranks_pandas,
        "searchsorted from both sides, array of one": ranks_searchsorted,
    },
    "deletion": {
        "mask by turn, list": delete_by_mask,
        "sorted index pairs, a new image each time": delete_sorted_places,
    },
}
