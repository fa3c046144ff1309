"""Answers to the exercises of lesson 18, written without sight of what the checks know."""

import math

import numpy as np


# 1. parameter_count
def mixture(
    vocabulary,
    context,
    width,
    depth,
    experts,
    routers=None,
    pairs=None,
    attentions=1,
    last_norm=1,
    norm=1,
    tables=1,
):
    pairs = experts if pairs is None else pairs
    routers = experts if routers is None else routers
    block = attentions * 4 * width**2 + pairs * 8 * width**2 + routers * width + 2 * norm * width
    embeddings = (tables * vocabulary + context) * width
    return embeddings + depth * block + last_norm * norm * width


def mixture_without_router(vocabulary, context, width, depth, experts):
    return mixture(vocabulary, context, width, depth, experts, routers=0)


def mixture_active_only(vocabulary, context, width, depth, experts):
    return mixture(vocabulary, context, width, depth, experts, pairs=1)


def mixture_attention_in_each_expert(vocabulary, context, width, depth, experts):
    return mixture(vocabulary, context, width, depth, experts, attentions=experts)


def mixture_last_norm_forgotten(vocabulary, context, width, depth, experts):
    return mixture(vocabulary, context, width, depth, experts, last_norm=0)


def mixture_own_table_for_logits(vocabulary, context, width, depth, experts):
    return mixture(vocabulary, context, width, depth, experts, tables=2)


def mixture_by_shapes(vocabulary, context, width, depth, experts):
    shapes = [(vocabulary, width), (context, width), (width,)]
    for _ in range(depth):
        shapes += [(width, width)] * 4 + [(width,)] * 2
        shapes.append((width, experts))
        for _ in range(experts):
            shapes += [(width, 4 * width), (4 * width, width)]
    return sum(math.prod(shape) for shape in shapes)


def mixture_factored(vocabulary, context, width, depth, experts):
    in_a_block = 4 * width + 2 + experts * (8 * width + 1)
    return float(width * (vocabulary + context + 1 + depth * in_a_block))


# 2. cache_size
def cache_prompt_for_each(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 4 * depth * shared_sets * head_size * texts * (prompt + answer)


def cache_all_heads(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 4 * depth * heads * head_size * (prompt + texts * answer)


def cache_keys_only(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 2 * depth * shared_sets * head_size * (prompt + texts * answer)


def cache_one_answer(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 4 * depth * shared_sets * head_size * (prompt + answer)


def cache_heads_over_sets(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 4 * depth * (heads // shared_sets) * head_size * (prompt + texts * answer)


def cache_by_arrays(depth, heads, shared_sets, head_size, prompt, answer, texts):
    lengths = [prompt] + [answer] * texts
    numbers = 0
    for length in lengths:
        for _ in ("keys", "values"):
            numbers += math.prod((depth, shared_sets, length, head_size))
    return numbers * np.dtype(np.float16).itemsize


def cache_in_parts(depth, heads, shared_sets, head_size, prompt, answer, texts):
    a_layer = 2.0 * shared_sets * head_size * (prompt + answer * texts)
    return np.array([a_layer * 2 * depth])


# 3. prediction
def foretell_as_before(parameters, tokens, losses, larger_parameters, larger_tokens):
    return np.full(len(larger_parameters), np.min(losses))


def foretell_mean(parameters, tokens, losses, larger_parameters, larger_tokens):
    return np.full(len(larger_parameters), np.mean(losses))


def foretell_straight_line(parameters, tokens, losses, larger_parameters, larger_tokens):
    # linear in the numbers themselves
    x = np.column_stack([np.ones(len(losses)), parameters, tokens])
    weights = np.linalg.lstsq(x, losses, rcond=None)[0]
    ones = np.ones(len(larger_tokens))
    return np.column_stack([ones, larger_parameters, larger_tokens]) @ weights


def fit_two_powers(parameters, tokens, losses):
    """All pairs of exponents on a grid, with the best E, A and B (none negative) for each."""
    n, d = np.log(np.asarray(parameters, float)), np.log(np.asarray(tokens, float))
    y, middle_n, middle_d = np.asarray(losses, float), n.mean(), d.mean()
    laws = []
    for alpha in np.linspace(0.05, 1.2, 47):
        for beta in np.linspace(0.05, 1.2, 47):
            columns = np.column_stack(
                [np.ones(len(y)), np.exp(-alpha * (n - middle_n)), np.exp(-beta * (d - middle_d))]
            )
            best = None
            for used in ([0, 1, 2], [1, 2], [0, 1], [0, 2]):
                part = columns[:, used] / y[:, None]  # relative errors
                found = np.linalg.lstsq(part, np.ones(len(y)), rcond=None)[0]
                if (found < 0).any():
                    continue
                error = np.sum((part @ found - 1) ** 2)
                if best is None or error < best[0]:
                    weights = np.zeros(3)
                    weights[used] = found
                    best = (error, alpha, beta, weights, middle_n, middle_d)
                if used == [0, 1, 2]:
                    break
            if best is not None:
                laws.append(best)
    return sorted(laws, key=lambda law: law[0])


def losses_of_law(law, parameters, tokens):
    _, alpha, beta, weights, middle_n, middle_d = law
    n, d = np.log(np.asarray(parameters, float)), np.log(np.asarray(tokens, float))
    e, a, b = weights
    return e + a * np.exp(-alpha * (n - middle_n)) + b * np.exp(-beta * (d - middle_d))


def foretell_exchanged(parameters, tokens, losses, larger_parameters, larger_tokens):
    law = fit_two_powers(parameters, tokens, losses)[0]
    return losses_of_law(law, larger_tokens, larger_parameters)


def foretell_line_in_logarithm_of_operations(
    parameters, tokens, losses, larger_parameters, larger_tokens
):
    # loss against the logarithm of 6ND, straight on for ever
    operations = np.log10(6.0 * np.asarray(parameters) * np.asarray(tokens))
    larger = np.log10(6.0 * np.asarray(larger_parameters) * np.asarray(larger_tokens))
    return np.polyval(np.polyfit(operations, losses, 1), larger)


def foretell_by_grid(parameters, tokens, losses, larger_parameters, larger_tokens):
    law = fit_two_powers(parameters, tokens, losses)[0]
    return losses_of_law(law, larger_parameters, larger_tokens)


def foretell_by_many_laws(parameters, tokens, losses, larger_parameters, larger_tokens):
    # a mean over all laws that fit nearly as well as the best
    laws = fit_two_powers(parameters, tokens, losses)
    best = max(laws[0][0], 1e-8)
    weights = [math.exp(-0.5 * len(losses) * (law[0] / best - laws[0][0] / best)) for law in laws]
    told = np.array([losses_of_law(law, larger_parameters, larger_tokens) for law in laws])
    return np.average(told, axis=0, weights=weights).tolist()


# 4. card_hours: lambdas below


# 5. budget_split
def split_by_ratio(operations, a, alpha, b, beta, six=6, exchanged=False, ratio=None):
    ratio = alpha * a / (beta * b) if ratio is None else ratio
    power = alpha if exchanged else beta
    parameters = ratio ** (1 / (alpha + beta)) * (operations / six) ** (power / (alpha + beta))
    return parameters, operations / six / parameters


def split_without_six(operations, a, alpha, b, beta):
    return split_by_ratio(operations, a, alpha, b, beta, six=1)


def split_tokens_first(operations, a, alpha, b, beta):
    return split_by_ratio(operations, a, alpha, b, beta)[::-1]


def split_exponent_alpha(operations, a, alpha, b, beta):
    return split_by_ratio(operations, a, alpha, b, beta, exchanged=True)


def split_terms_made_equal(operations, a, alpha, b, beta):
    # A / N^alpha = B / D^beta: the derivative's exponents forgotten
    return split_by_ratio(operations, a, alpha, b, beta, ratio=a / b)


def split_twenty_tokens(operations, a, alpha, b, beta):
    parameters = math.sqrt(operations / 6 / 20)
    return parameters, 20 * parameters


def split_by_linear_equations(operations, a, alpha, b, beta):
    # log N + log D = log(C / 6), and the two slopes are equal
    left = np.array([[1.0, 1.0], [-alpha, beta]])
    right = [math.log(operations / 6), math.log(beta * b / (alpha * a))]
    return np.exp(np.linalg.solve(left, right))


def split_by_bisection(operations, a, alpha, b, beta):
    product = float(operations) / 6
    # the sign of the slope of the loss, in logarithms
    low, high = -100.0, 200.0
    for _ in range(200):
        middle = (low + high) / 2
        falls = math.log(alpha * a) - alpha * middle
        rises = math.log(beta * b) - beta * (math.log(product) - middle)
        if falls > rises:
            low = middle
        else:
            high = middle
    parameters = math.exp(low)
    return [parameters, product / parameters]


# 6. power
def exponent_by_sums(sizes, losses, floor):
    x = [math.log(size) for size in sizes]
    y = [math.log(loss - floor) for loss in losses]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((p - mean_x) * (q - mean_y) for p, q in zip(x, y, strict=False))
    return -above / sum((p - mean_x) ** 2 for p in x)


def exponent_by_lstsq(sizes, losses, floor):
    x = np.column_stack([-np.log10(sizes), np.ones(len(sizes))])
    return np.linalg.lstsq(x, np.log10(np.asarray(losses) - floor), rcond=None)[0][:1]


WRONG = {
    "parameter_count": {
        "matrix of scores forgotten": mixture_without_router,
        "only the expert that a token meets": mixture_active_only,
        "attention multiplied by the experts too": mixture_attention_in_each_expert,
        "last norm forgotten": mixture_last_norm_forgotten,
        "a second table of symbols for the logits": mixture_own_table_for_logits,
    },
    "cache_size": {
        "prompt stored once for each answer": cache_prompt_for_each,
        "query heads instead of shared sets": cache_all_heads,
        "values forgotten": cache_keys_only,
        "one answer only": cache_one_answer,
        "heads divided by shared sets": cache_heads_over_sets,
    },
    "prediction": {
        "the best small run, as it is": foretell_as_before,
        "mean of the small runs": foretell_mean,
        "straight line in parameters and tokens": foretell_straight_line,
        "parameters and tokens of the larger exchanged": foretell_exchanged,
        "straight line in the logarithm of operations": foretell_line_in_logarithm_of_operations,
    },
    "card_hours": {
        "2 operations instead of 6 (forward only)": lambda parameters, tokens, peak, utilisation: (
            2 * parameters * tokens / (peak * utilisation) / 3600
        ),
        "multiplied by the utilisation": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens / peak * utilisation / 3600
        ),
        "seconds, not hours": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens / (peak * utilisation)
        ),
        "utilisation taken for percent": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens / (peak * utilisation / 100) / 3600
        ),
        "whole hours (integer division)": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens // (peak * utilisation) // 3600
        ),
    },
    "budget_split": {
        "the 6 forgotten": split_without_six,
        "tokens first, parameters second": split_tokens_first,
        "budget to the power alpha / (alpha + beta)": split_exponent_alpha,
        "both terms equal instead of both slopes": split_terms_made_equal,
        "20 tokens a parameter, whatever the law": split_twenty_tokens,
    },
    "power": {
        "sign of the slope": lambda sizes, losses, floor: np.polyfit(
            np.log(sizes), np.log(losses - floor), 1
        )[0],
        "floor not subtracted": lambda sizes, losses, floor: (
            -np.polyfit(np.log(sizes), np.log(losses), 1)[0]
        ),
        "axes exchanged: 1 / alpha": lambda sizes, losses, floor: (
            -np.polyfit(np.log(losses - floor), np.log(sizes), 1)[0]
        ),
        "log10 on one axis, natural log on the other": lambda sizes, losses, floor: (
            -np.polyfit(np.log10(sizes), np.log(losses - floor), 1)[0]
        ),
        "returns the intercept (log A)": lambda sizes, losses, floor: np.polyfit(
            np.log(sizes), np.log(losses - floor), 1
        )[1],
    },
}
RIGHT = {
    "parameter_count": {
        "sum over the shapes of all weights": mixture_by_shapes,
        "factored, returns a float": mixture_factored,
    },
    "cache_size": {
        "text by text, bytes of float16": cache_by_arrays,
        "layer by layer, one-element array": cache_in_parts,
    },
    "prediction": {
        "grid of exponents, least squares for the rest": foretell_by_grid,
        "mean over all laws that fit, returns a list": foretell_by_many_laws,
    },
    "card_hours": {
        "hours of the card's useful operations": lambda parameters, tokens, peak, utilisation: (
            parameters * (tokens / (utilisation * peak * 600.0))
        ),
        "np.divide, one-element array": lambda parameters, tokens, peak, utilisation: np.divide(
            [6.0 * parameters * tokens], 60.0**2 * peak * utilisation
        ),
    },
    "budget_split": {
        "two linear equations in logarithms, an array": split_by_linear_equations,
        "bisection for equal slopes, a list": split_by_bisection,
    },
    "power": {
        "covariance over variance by sums": exponent_by_sums,
        "lstsq with log10, one-element array": exponent_by_lstsq,
    },
}
