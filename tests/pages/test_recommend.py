"""Recommend: lists, the held-out film, sequences of one's own, and links."""

from __future__ import annotations

import re

import pytest

from caser import checkpoint, data


def sequence(app) -> list[str]:
    return app.query_params.get("sequence", "none").split(",") if "sequence" in app.query_params else None


def test_lists_of_both_models_with_the_held_out_film_ranked(open_page, read, table_frames):
    app = open_page("recommend", user="3")
    assert [list(table.columns) for table in table_frames(app)] == [
        ["#", "Film", "MF rank", "Score", "Chance"],
        ["#", "Film", "Caser rank", "Score"],  # MF was not trained to give chances
    ]
    assert [len(table) for table in table_frames(app)] == [10, 10]
    assert "★ Watched next" in read(app)
    assert ":blue[●] **Caser** ranks it" in read(app)
    assert ":orange[◆] **MF** ranks it" in read(app)


def test_the_held_out_film_is_starred_in_the_list(open_page, table_frames):
    ranks = checkpoint.load("cinema-caser").ranks
    found = data.load("cinema").user_ids[ranks.users[ranks.rank.argmin()]]
    films = table_frames(open_page("recommend", k="100", user=str(found)))[0]["Film"]
    assert films.str.startswith("★").sum() == 1


def test_the_selection_is_written_to_the_url(open_page):
    params = open_page("recommend").query_params
    assert params["data"] == "cinema"
    assert params["model"] == "cinema-caser"
    assert "user" in params


def test_picking_a_user_changes_the_page_and_the_url(open_page, read):
    app = open_page("recommend", user="3")
    assert "viewer 3 watched" in read(app)
    app.text_input(key="user picker").set_value("4").run()
    assert app.query_params["user"] == "4"
    assert "viewer 4 watched" in read(app)


@pytest.mark.parametrize("text", ["99999", "1e2", "0", ""])
def test_a_viewer_who_is_not_there_is_said(open_page, read, text):
    app = open_page("recommend", user="3")
    app.text_input(key="user picker").set_value(text).run()
    assert "There is no user" in app.warning[0].value
    assert "This is still viewer 3" in app.warning[0].value
    assert app.query_params["user"] == "3"
    assert app.text_input(key="user picker").value == "3"


def test_what_may_be_meant_is_offered_and_added_by_a_click(open_page, read):
    app = open_page("recommend", sequence="1")
    typed(app, "lord of the quizzes")
    assert not [button for button in app.button if str(button.key).startswith("meant")]
    typed(app, "The Godfathr")
    assert [warning.value for warning in app.warning] == [
        "No film 'The Godfathr' in cinema. Cinema (simulated) ends in 2019; it has no newer film."
    ]
    meant = next(button for button in app.button if button.label == "The Godfather (1972)")
    meant.click().run()
    assert sequence(app) == ["1", str(godfather())]
    assert "Did you mean" not in read(app)
    assert not app.warning


def typed(app, text: str) -> None:
    app.text_input(key="typed into film search").input(text).run()
    assert not app.exception


def godfather() -> int:
    films = data.load("cinema").catalogue
    return int(films["item_id"][films["title"] == "The Godfather"].iat[0])


def test_a_number_in_the_search_is_no_id(open_page, read):
    app = open_page("recommend", sequence="5")
    typed(app, "1")
    assert sequence(app) == ["5"]
    assert "No film '1' in cinema" in read(app)
    assert any(str(button.key) == "meant 1" for button in app.button)


def test_repeats_and_what_is_not_read_are_said(open_page, read):
    many = ",".join(["1"] * 5 + [str(film) for film in range(2, 136)])
    text = read(open_page("recommend", sequence=many))
    assert "Caser reads the last 5, oldest first." in text
    assert "is there 5 times." in text
    assert "is there" not in read(open_page("recommend", sequence="1,2"))


def test_a_preset_and_chance_pick_users(open_page):
    app = open_page("recommend", user="3")
    app.selectbox(key="viewer preset").select("The longest history").run()
    longest = app.query_params["user"]
    dataset = data.load("cinema")
    lengths = dataset.offset[1:] - dataset.offset[:-1]
    assert lengths[dataset.user_index(int(longest))] == lengths.max()
    next(b for b in app.button if b.label == "At random").click().run()
    assert not app.exception


def test_the_selection_follows_to_other_pages(open_page, read):
    app = open_page("recommend", user="3")
    app.text_input(key="user picker").set_value("5").run()
    for key in list(app.query_params):  # as a click in the navigation does
        del app.query_params[key]
    app.switch_page("data.py").run()
    assert "The windows of simulated viewer 5" in read(app)
    assert app.query_params["user"] == "5"


@pytest.mark.parametrize(
    ("params", "notice"),
    [
        ({"data": "netflix"}, "There is no data set `netflix`"),
        ({"data": "ml-1m"}, "MovieLens 1M is not on this machine"),
        ({"model": "gpt"}, "There is no model `gpt` for Cinema"),
        ({"against": "gpt"}, "`cinema-caser` cannot be compared with `gpt`"),
        ({"user": "99999"}, "There is no user `99999` in Cinema"),
        ({"user": "-1"}, "There is no user `-1`"),
        ({"user": "٣"}, "There is no user `٣`"),
        ({"sequence": "1,2,banana"}, "has the id `banana`"),
        ({"sequence": ",".join(["1"] * 600)}, "The sequence has 600 films; the last 500 are kept"),
        ({"sequence": "mine"}, "The history of this link was in another session's memory only"),
        ({"k": "0"}, "k is `0`; give a whole number from 1 to 100"),
        ({"k": "1e9"}, "k is `1e9`"),
        ({"rewatch": "maybe"}, "rewatch is `maybe`"),
        ({"user": "`**bold**`" * 20}, "There is no user `**bold** **bold**"),
    ],
)
def test_garbage_in_the_url_gives_a_notice_that_names_it(open_page, read, table_frames, params, notice):
    app = open_page("recommend", **params)
    assert notice in "\n".join(w.value for w in app.warning)
    assert table_frames(app)
    app.run()  # the URL is clean now, and the notice still there to be read
    assert notice in read(app)


def offered_first(app) -> list:
    return [button for button in app.button if (button.key or "").startswith("first ")]


def test_own_films_start_with_none_and_well_known_ones_to_click(open_page, read):
    app = open_page("recommend", user="3")
    app.segmented_control(key="visitor kind").set_value("My own films").run()
    assert "No films yet" in read(app)
    for count in range(3):
        first = offered_first(app)
        assert len(first) == 12
        film = first[0].key.removeprefix("first ")
        first[0].click().run()
        assert sequence(app)[count:] == [film]
        assert f"first {film}" not in [button.key for button in offered_first(app)]
    assert offered_first(app) == []


def test_own_films_can_be_added_moved_and_dropped(open_page, read):
    app = open_page("recommend", sequence="1,30,60,90,120")
    begun = sequence(app)
    assert "all new visitors get this list" in read(app)
    app.button(key="later 0").click().run()
    assert sequence(app) == [begun[1], begun[0], *begun[2:]]
    app.button(key="earlier 1").click().run()
    assert sequence(app) == begun
    app.button(key="drop 4").click().run()
    assert sequence(app) == begun[:4]
    typed(app, "Alien (1979)")
    assert sequence(app)[:4] == begun[:4]
    assert "Alien (1979)" in read(app)
    assert not app.exception


def test_order_changes_the_list(open_page, table_frames):
    forward, backward = (
        table_frames(open_page("recommend", sequence=films))[0]["Score"].tolist()
        for films in ("1,30,60,90,120", "120,90,60,30,1")
    )
    assert forward != backward


def test_no_films_at_all_still_gives_a_list(open_page, read, table_frames):
    app = open_page("recommend", sequence="1")
    app.button(key="drop 0").click().run()
    assert not app.exception
    assert "No films yet" in read(app)
    assert len(table_frames(app)[0]) == 10


def test_a_preset_evening_fills_the_sequence(open_page):
    app = open_page("recommend", sequence="")
    app.selectbox(key="sequence preset").select("Horror evening").run()
    assert len(sequence(app)) == 5


def test_rewatching_lets_watched_films_in(open_page, table_frames):
    films = "1,2,3,4,5"
    dataset = data.load("cinema")
    titles = {str(t) for t in dataset.catalogue["title"][:5]}

    def listed(app):
        return {film.rsplit(" (", 1)[0] for film in table_frames(app)[1]["Film"]}

    assert not titles & listed(open_page("recommend", sequence=films, k="100"))
    assert titles & listed(open_page("recommend", sequence=films, k="100", rewatch="1"))


def test_k_is_obeyed(open_page, table_frames):
    app = open_page("recommend", k="7")
    assert len(table_frames(app)[0]) == 7
    app.number_input(key="k picker").set_value(3).run()
    assert len(table_frames(app)[0]) == 3
    assert app.query_params["k"] == "3"


def test_chances_are_explained_once_for_the_model_that_gives_them(open_page, read):
    said = read(open_page("recommend", user="3"))
    assert said.count("Chance: how likely the model thinks this film is next.") == 1


# ---- a list that is narrowed


def test_conditions_of_the_address_narrow_the_list_and_ranks_among_all_stay(open_page, read, table_frames):
    whole = table_frames(open_page("recommend", user="3", k="100"))[0].set_index("Film")["#"]
    app = open_page("recommend", user="3", genre="Comedy,War", years="1980-1989", known="20-", without="84")
    narrowed = table_frames(app)[0].set_index("Film")
    assert "Comedy or War · 1980–1989 · watched at least 20 times · without 1 film" in read(app)
    assert "Of all" in narrowed.columns
    assert all("(198" in film for film in narrowed.index)
    in_both = [film for film in narrowed.index if film in whole.index]
    assert in_both
    assert (narrowed.loc[in_both, "Of all"] == whole[in_both].astype(str)).all()
    assert app.multiselect(key="narrow genres").value == ["Comedy", "War"]
    assert app.slider(key="narrow years").value == (1980, 1989)


def test_conditions_are_chosen_written_into_the_address_and_cleared(open_page, table_frames):
    app = open_page("recommend", user="3")
    app.multiselect(key="narrow genres").set_value(["Comedy"]).run()
    app.multiselect(key="narrow not_genres").set_value(["Romance"]).run()
    app.slider(key="narrow years").set_value((1970, 1989)).run()
    app.selectbox(key="narrow At least").set_value(10).run()
    app.multiselect(key="narrow without").set_value(["Airplane! (1980)", "the blues brothers"]).run()
    params = app.query_params
    assert (params["genre"], params["not"], params["years"], params["known"]) == (
        "Comedy",
        "Romance",
        "1970-1989",
        "10-",
    )
    assert params["without"] == "220,161" or params["without"].count(",") == 1
    films = table_frames(app)[0]["Film"]
    assert not films.str.contains("Airplane|Blues Brothers").any()
    app.button(key="clear narrowing").click().run()
    assert not {"genre", "not", "years", "known", "without"} & set(app.query_params)
    assert "Of all" not in table_frames(app)[0].columns


@pytest.mark.parametrize(
    ("params", "notice"),
    [
        ({"genre": "Comdy"}, "No genre 'Comdy' in cinema; give one of Comedy"),
        ({"years": "1989-1980"}, "has the larger number first; write 1980-1989"),
        ({"without": "99999"}, "No item 99999 in cinema"),
        ({"column": "pages=3"}, "Cinema has no further columns"),
        (
            {"genre": "Horror", "years": "1920-1930"},
            "No film is left of 'Horror · 1920–1930'; without '1920–1930' 20 are",
        ),
        ({"without": "mine"}, "in another session's memory only"),
    ],
)
def test_conditions_that_cannot_be_are_named_and_the_list_stays(open_page, read, table_frames, params, notice):
    app = open_page("recommend", user="3", **params)
    assert notice in read(app).replace("\\", "").replace("\u200b", "")
    assert len(table_frames(app)[0]) == 10


def test_the_film_watched_next_says_when_the_list_leaves_it_out(open_page, read):
    app = open_page("recommend", user="3", genre="Comedy")
    assert "Platoon (1986)" in read(app)
    assert "the list leaves it out (Comedy)" in read(app)


def test_a_watchlist_is_left_out_and_stays_out_of_the_address(open_page, table_frames):
    app = open_page("recommend", user="3")
    first = table_frames(app)[0]["Film"].iat[0]
    title, year = first.removesuffix(")").rsplit(" (", 1)
    content = f'Title,Year\n"{title}",{year}\nNothing Such,1990\n'.encode()
    app.file_uploader(key="narrow file").set_value(("watchlist.csv", content, "text/csv")).run()
    assert app.query_params["without"] == "mine"
    assert not (table_frames(app)[0]["Film"] == first).any()
    app.file_uploader(key="narrow file").set_value(("watchlist.csv", b"\0\1\2", "text/csv")).run()
    assert "No film is left out of the list" in app.warning[0].value


def test_variety_turns_the_list_and_says_what_it_costs(open_page, read, table_frames):
    plain = table_frames(open_page("recommend", user="3"))[0]["Film"].tolist()
    app = open_page("recommend", user="3")
    app.select_slider(key="variety").set_value(0.5).run()
    assert app.query_params["variety"] == "0.5"
    varied = table_frames(app)[0]
    assert varied["Film"].iat[0] == plain[0]
    assert varied["Film"].tolist() != plain
    assert "Of all" in varied.columns
    assert re.search(r"HR@10 over [\d,]+ test viewers: [\d.]+% → [\d.]+% \([+-]", read(app))
    app.button(key="clear narrowing").click().run()
    assert table_frames(app)[0]["Film"].tolist() == plain
    odd = open_page("recommend", user="3", variety="2")
    assert "variety is `2`; give one of 0, 0.25, 0.5, 0.75, 1" in read(odd)


# ---- one list for several people


def test_a_group_has_one_list_by_the_worst_rank_or_the_mean(open_page, read, table_frames):
    app = open_page("recommend", user="3", ask="Together", pin="4", pin2="films:1,30,60")
    lists = {"Nobody is left out": table_frames(app)[-1]}
    app.segmented_control(key="rule").set_value("On average").run()
    lists["On average"] = table_frames(app)[-1]
    assert app.query_params["rule"] == "On average"
    people = ["Simulated viewer 3", "Simulated viewer 4", "Pinned 2"]
    alone = [
        table_frames(open_page("recommend", k="100", **whose))[0].set_index("Film")["#"].astype(float)
        for whose in ({"user": "3"}, {"user": "4"}, {"sequence": "1,30,60"})
    ]
    for rule, ranked in (("Nobody is left out", "max"), ("On average", "mean")):
        found = lists[rule]
        assert list(found.columns) == ["#", "Film", *people, "Most for"]
        assert len(found) == 10
        ranks = found[people].replace(",", "", regex=True).astype(float)
        assert ranks.agg(ranked, axis=1).is_monotonic_increasing
        for person, known in zip(people, alone, strict=True):
            here = found.set_index("Film")[person]
            both = [film for film in here.index if film in known.index]
            assert (here[both].astype(float) == known[both]).all()


def test_what_one_of_a_group_has_watched_is_not_listed_and_the_list_can_be_narrowed(open_page, table_frames):
    app = open_page("recommend", sequence="1,30,60", ask="Together", pin="films:90,120", genre="Comedy", k="100")
    films = set(table_frames(app)[-1].index)
    dataset = data.load("cinema")
    assert not films & {dataset.item_index(own) for own in (1, 30, 60, 90, 120)}
    assert all("Comedy" in dataset.catalogue["genres"].iat[item] for item in films)


def test_who_has_no_films_is_named_and_the_list_is_the_others(open_page, read, table_frames):
    app = open_page("recommend", sequence="", ask="Together", pin="3")
    assert "You has no films yet" not in read(app)
    assert "You: no films yet; add some to be counted" in read(app)
    assert list(table_frames(app)[-1].columns) == ["#", "Film", "Simulated viewer 3", "Most for"]
