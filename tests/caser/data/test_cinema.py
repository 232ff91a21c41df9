"""The embedded data set: its film facts, its planted patterns, and an oracle that tells the truth."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from caser.data import cinema
from caser.data.dataset import split
from caser.data.histories import Histories

GENRES = {
    *("Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
}
CHECKSUM = "5aca4e43812fcc28fc8d9128218b9922"  # shipped checkpoints were trained on exactly these data


@pytest.fixture(scope="module")
def films():
    return cinema.catalogue()


@pytest.fixture(scope="module")
def simulated():
    return cinema.generate()


@pytest.fixture(scope="module")
def row(films):
    """A film's dense id by title."""
    return {title: i for i, title in enumerate(films["title"])}


def ask(simulated, *recent, user=-1, seen=(), patterns=None):
    """float64 (n_items,): what comes after a few films, oldest first."""
    watched = np.zeros((1, simulated.dataset.n_items), bool)
    watched[0, [*recent, *seen]] = True
    sequence = np.array([[simulated.dataset.padding] * (5 - len(recent)) + list(recent)])
    return simulated.next_film_probabilities(np.array([user]), sequence, watched, patterns)[0]


def next_films(simulated, stage="test"):
    """Every held-out target of a stage with what the oracle needs to rank it."""
    halves = split(simulated.dataset)
    users, target = halves.evaluated, halves.target(stage)
    end = halves.end(stage)[users]
    histories = Histories(halves, stage)
    sequences = histories.windows(histories.end[users], cinema.WINDOW).numpy()
    seen = np.zeros((len(users), simulated.dataset.n_items), bool)
    for i, user in enumerate(users):
        seen[i, halves.item[simulated.dataset.offset[user] : end[i]]] = True
    return users, sequences, seen, target


def hit_rate(scores, seen, target, k=10):
    scores = np.where(seen, -np.inf, scores)
    own = scores[np.arange(len(target)), target][:, None]
    rank = (scores > own).sum(1) + ((scores == own).sum(1) - 1) / 2
    return (rank < k).mean()


def test_titles_are_unique_and_years_and_genres_are_sane(films):
    assert 240 <= len(films) <= 270
    assert films["title"].is_unique
    assert (films["title"] == films["title"].str.strip()).all()
    assert films["year"].between(1920, 2024).all()
    assert set(films["genres"].explode()) <= GENRES
    assert films["genres"].map(lambda genres: len(genres) == len(set(genres)) > 0).all()
    assert (films["primary_genre"] == films["genres"].str[0]).all()


def test_item_ids_count_from_one(films):
    assert films["item_id"].tolist() == list(range(1, len(films) + 1))


def test_saga_instalments_are_contiguous_and_in_order_of_release(films):
    sagas = films[films["saga"] != ""].groupby("saga")
    assert (sagas.size() >= 3).sum() >= 15
    for _, saga in sagas:
        by_instalment = saga.sort_values("instalment")
        assert by_instalment["instalment"].tolist() == list(range(1, len(saga) + 1))
        assert by_instalment["year"].is_monotonic_increasing
    assert (films.loc[films["saga"] == "", "instalment"] == 0).all()


@pytest.mark.parametrize(
    ("title", "year", "primary_genre", "saga", "instalment"),
    [
        ("The Godfather", 1972, "Crime", "The Godfather", 1),
        ("The Empire Strikes Back", 1980, "Sci-Fi", "Star Wars", 2),
        ("Alien", 1979, "Horror", "Alien", 1),
        ("1917", 2019, "War", "", 0),
        ("Amélie", 2001, "Romance", "", 0),
    ],
)
def test_known_film(films, row, title, year, primary_genre, saga, instalment):
    film = films.loc[row[title]]
    assert (film["year"], film["primary_genre"], film["saga"], film["instalment"]) == (
        year,
        primary_genre,
        saga,
        instalment,
    )


def test_the_data_are_these_and_no_others(simulated):
    assert simulated.dataset.checksum == CHECKSUM


def test_same_seed_same_data_and_other_seed_other_data():
    first, again, other = (cinema.generate(seed, n_viewers=40).dataset.checksum for seed in (1, 1, 2))
    assert first == again != other


def test_other_patterns_other_data():
    plain = cinema.generate(n_viewers=40, patterns=cinema.PATTERNS.without_sequence())
    assert plain.dataset.checksum != cinema.generate(n_viewers=40).dataset.checksum


def test_dataset_is_labelled_as_simulated(simulated):
    assert simulated.dataset.name == "cinema"
    assert simulated.dataset.simulated
    assert "simulated" in simulated.dataset.licence


def test_histories(simulated):
    data = simulated.dataset
    lengths = np.diff(data.offset)
    assert data.user_ids.tolist() == list(range(1, 801))
    assert (lengths.min(), lengths.max()) == (30, 60)
    assert set(data.rating) == {3.0, 4.0, 5.0}
    within = data.user_of_interaction()[1:] == data.user_of_interaction()[:-1]
    assert (np.diff(data.timestamp)[within] > 0).all()


def test_no_viewer_watches_a_film_twice(simulated):
    data = simulated.dataset
    pairs = data.user_of_interaction() * data.n_items + data.item
    assert len(np.unique(pairs)) == len(data)


def test_every_film_is_watched_so_that_dense_ids_follow_the_catalogue(simulated, films):
    assert simulated.dataset.item_ids.tolist() == films["item_id"].tolist()
    counts = np.bincount(simulated.dataset.item)
    assert counts.min() >= 10  # enough to learn from
    pd.testing.assert_frame_equal(simulated.dataset.catalogue, films[["item_id", "title", "year", "genres"]])


def test_dense_ids_are_mapped_where_some_films_are_never_watched(films):
    few = cinema.generate(n_viewers=2)
    data = few.dataset
    assert data.n_items < len(films)
    facts = films.set_index("item_id").loc[data.item_ids]
    saga, instalment = facts["saga"].to_numpy(), facts["instalment"].to_numpy()
    called = 0
    for film in np.flatnonzero(instalment):
        sequel = np.flatnonzero((saga == saga[film]) & (instalment == instalment[film] + 1))
        rise = ask(few, film) / np.where(ask(few), ask(few), 1)
        assert np.flatnonzero(rise > 2).tolist() == sequel.tolist()
        called += len(sequel)
    assert called


def test_rows_sum_to_one_and_seen_films_are_zero(simulated):
    users, sequences, seen, _ = next_films(simulated)
    probabilities = simulated.next_film_probabilities(users, sequences, seen)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert (probabilities[seen] == 0).all()
    assert (probabilities[~seen] > 0).all()


@pytest.mark.parametrize("length", [1, 2, 5, 8])
def test_padding_alone_calls_for_nothing(simulated, length):
    data = simulated.dataset
    sequence, seen = np.full((1, length), data.padding), np.zeros((1, data.n_items), bool)
    probabilities = simulated.next_film_probabilities(np.array([3]), sequence, seen)
    plain = simulated.next_film_probabilities(np.array([3]), sequence, seen, simulated.patterns.without_sequence())
    np.testing.assert_array_equal(probabilities, plain)


def test_only_the_window_counts(simulated, row):
    seen = np.zeros((1, simulated.dataset.n_items), bool)
    window = [[row[t] for t in ("Alien", "Casablanca", "Toy Story", "Psycho", "Fargo")]]
    longer = [[row["The Godfather"], *window[0]]]
    probabilities = [simulated.next_film_probabilities(np.array([0]), np.array(s), seen) for s in (window, longer)]
    np.testing.assert_array_equal(*probabilities)


def test_stranger_has_no_taste(simulated):
    even = cinema.Patterns(taste=0.0)
    np.testing.assert_array_equal(ask(simulated, user=-1), ask(simulated, user=7, patterns=even))
    assert (ask(simulated, user=-1) != ask(simulated, user=7)).any()


def test_who_has_seen_everything_is_refused(simulated):
    with pytest.raises(ValueError, match="seen every film"):
        ask(simulated, seen=range(simulated.dataset.n_items))


def test_no_viewers_are_refused():
    with pytest.raises(ValueError, match="n_viewers is 0"):
        cinema.generate(n_viewers=0)


def test_a_negative_seed_and_a_strength_that_is_no_number_are_refused():
    with pytest.raises(ValueError, match="seed is -1; give a whole number, at least 0"):
        cinema.generate(seed=-1)
    for strength in (np.nan, np.inf, "5"):
        with pytest.raises(ValueError, match=rf"the strength of binge is '?{strength}'?; give a finite number, 0 to"):
            cinema.Patterns(binge=strength)


def test_what_the_oracle_cannot_be_asked_is_named(simulated):
    n = simulated.dataset.n_items
    seen, sequence = np.zeros((1, n), bool), np.array([[0, 1]])
    for users, sequences, watched, message in (
        ([800], sequence, seen, "no user 800 among 800; give a dense id, or -1 for a stranger"),
        ([-2], sequence, seen, "no user -2"),
        ([0.5], sequence, seen, "the list of users is of type float64"),
        ([0], np.array([[0, n + 1]]), seen, rf"no item {n + 1} in a catalogue of {n}"),
        ([0], np.array([[-1, 0]]), seen, "no item -1"),
        ([0], np.array([0, 1]), seen, r"1 users, sequences \(2,\), seen .* do not fit; give \(B,\), \(B, L\)"),
        ([0, 1], sequence, seen, "2 users"),
        ([0], sequence, seen[:, 1:], r"do not fit"),
    ):
        with pytest.raises(ValueError, match=message):
            simulated.next_film_probabilities(np.array(users), sequences, watched)


def odds(probabilities, called, other):
    return probabilities[called] / probabilities[other]


PATTERN_CASES = {
    "binge": (("High Noon", "Unforgiven"), "Tombstone", ("High Noon", "Fargo", "Unforgiven")),
    "saga": (("The Godfather", "Casablanca", "1917", "Hoop Dreams", "Laura"), "The Godfather Part II", ("Casablanca",)),
    "cleanser": (("Psycho", "High Noon"), "Mary Poppins", ("Psycho", "1917", "High Noon")),
}


@pytest.mark.parametrize("name", PATTERN_CASES)
def test_pattern_multiplies_the_odds_of_what_it_calls_for(simulated, row, name):
    recent, called, unlike = PATTERN_CASES[name]
    called, other = row[called], row["Citizen Kane"]
    recent, unlike = ([row[title] for title in titles] for titles in (recent, unlike))
    factor = np.exp(getattr(simulated.patterns, name))
    base = odds(ask(simulated), called, other)
    assert odds(ask(simulated, *recent), called, other) == pytest.approx(factor * base, rel=1e-2)
    assert odds(ask(simulated, *unlike), called, other) == pytest.approx(base)
    plain = simulated.patterns.without_sequence()
    assert odds(ask(simulated, *recent, patterns=plain), called, other) == pytest.approx(base)


@pytest.mark.parametrize(
    ("recent", "genres"),
    [
        (("High Noon", "Unforgiven"), {"Western"}),
        (("Psycho", "High Noon"), set(cinema.CLEANSING_GENRES)),
    ],
)
def test_genre_patterns_take_most_of_the_probability(simulated, films, row, recent, genres):
    wanted = films["primary_genre"].isin(genres).to_numpy()
    assert ask(simulated, *(row[title] for title in recent))[wanted].sum() > 0.75
    assert ask(simulated)[wanted].sum() < 0.25


def test_saga_calls_only_for_the_next_instalment(simulated, films, row):
    rise = ask(simulated, row["Harry Potter and the Goblet of Fire"]) / ask(simulated)
    assert films["title"][np.flatnonzero(rise > 1)].tolist() == ["Harry Potter and the Order of the Phoenix"]


def test_saga_is_forgotten_after_the_window(simulated, row):
    titles = ("The Godfather", "Casablanca", "1917", "Hoop Dreams", "Laura", "Fargo")
    recent = [row[title] for title in titles]
    sequel = row["The Godfather Part II"]
    seen = np.zeros((1, simulated.dataset.n_items), bool)
    after = [simulated.next_film_probabilities(np.array([-1]), np.array([s]), seen)[0] for s in (recent[:5], recent)]
    assert after[0][sequel] > 20 * after[1][sequel]


def test_taste_and_popularity_move_a_film(simulated):
    flat = cinema.Patterns(taste=0.0, popularity=0.0)
    assert np.ptp(ask(simulated, user=0, patterns=flat)) == 0
    assert np.ptp(ask(simulated, user=-1)) > 0


def every_step(simulated):
    """All draws of a small simulation: users (n,), sequences (n, 5), seen (n, n_items), next film (n,)."""
    data = simulated.dataset
    users, n = data.user_of_interaction(), np.arange(len(data))
    at = n[:, None] + np.arange(-cinema.WINDOW, 0)
    inside = at >= data.offset[users][:, None]
    sequences = np.where(inside, data.item[np.maximum(at, 0)], data.padding)
    when = np.full((data.n_users, data.n_items), len(data))
    when[users, data.item] = n
    return users, sequences, when[users] < n[:, None], data.item


def test_draws_follow_the_oracle():
    """Observed counts by expected probability, and the mean log-likelihood, are within chance of the truth."""
    simulated = cinema.generate(seed=5, n_viewers=300)
    assert simulated.dataset.n_items == len(cinema.catalogue())
    users, sequences, seen, film = every_step(simulated)
    probabilities = simulated.next_film_probabilities(users, sequences, seen)
    drawn = np.zeros_like(probabilities)
    drawn[np.arange(len(film)), film] = 1
    for low, high in [(0, 0.002), (0.002, 0.005), (0.005, 0.02), (0.02, 0.05), (0.05, 0.2), (0.2, 1)]:
        inside = (probabilities > low) & (probabilities <= high)
        p = probabilities[inside]
        assert abs(drawn[inside].sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    log_p = np.log(np.where(probabilities > 0, probabilities, 1))
    expected = (probabilities * log_p).sum(axis=1)
    spread = np.sqrt(((probabilities * log_p**2).sum(axis=1) - expected**2).sum())
    assert abs((drawn * log_p).sum() - expected.sum()) < 4 * spread


def test_order_is_worth_a_lot_and_only_where_it_was_planted(simulated):
    users, sequences, seen, target = next_films(simulated)
    plain = simulated.patterns.without_sequence()
    oracle = simulated.next_film_probabilities(users, sequences, seen)
    blind = simulated.next_film_probabilities(users, sequences, seen, plain)
    assert 0.5 < hit_rate(oracle, seen, target) < 0.63
    assert hit_rate(blind, seen, target) < 0.5 * hit_rate(oracle, seen, target)

    without = cinema.generate(patterns=plain)
    users, sequences, seen, target = next_films(without)
    oracle = without.next_film_probabilities(users, sequences, seen)
    assert hit_rate(oracle, seen, target) < 0.25


def test_what_each_pattern_calls_for_is_what_it_makes_likelier(simulated):
    """Beside a world without that pattern, over real windows."""
    _, sequences, seen, _ = next_films(simulated)
    users = np.full(len(sequences), -1)
    names = {"palate cleanser": "cleanser", "binge": "binge", "saga": "saga"}
    for one in cinema.planted(simulated.dataset):
        without = dataclasses.replace(cinema.PATTERNS, **{names[one.name]: 0.0})
        with_it, less = (simulated.next_film_probabilities(users, sequences, seen, p) for p in (None, without))
        called = one.calls(sequences) & ~seen
        assert called.any()
        some = called.any(1) & (~called & ~seen).any(1)
        ratio = np.divide(with_it, less, out=np.ones_like(less), where=less > 0)
        assert (ratio[some][called[some]] > 1).all()
        assert (ratio[some][(~called & ~seen)[some]] < 1).all()


def test_nothing_is_planted_in_other_data(simulated):
    assert cinema.planted(dataclasses.replace(simulated.dataset, name="ml-100k")) == ()
