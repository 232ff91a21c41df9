"""Every title is found by the text of its file and by the text we show; a word that can mean two films is refused."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from caser.benchmark.synthetic import large_catalogue
from caser.data import cinema
from caser.data.dataset import from_interactions
from caser.data.titles import (
    ARTICLES,
    TitleIndex,
    UnknownTitle,
    label,
    normalise,
    parts,
    repeated,
    title_and_year,
    twins,
)

FILMS = [
    (10, "The Matrix", 1999), (20, "The Matrix Reloaded", 2003), (30, "Amélie", 2001), (40, "Star Wars", 1977),
    (50, "Sabrina", 1954), (60, "Sabrina", 1995), (70, "unknown", 0), (80, "187", 1997),
    (187, "The Godfather: Part II", 1974), (188, "The 33", 2015), (33, "Das Boot", 1981),
    (12, "The Usual Suspects", 1995), (90, "12 Angry Men", 1957), (91, "Cats & Dogs", 2001), (92, "M*A*S*H", 1970),
    (93, "Spider-Man", 2002), (94, "Schindler's List", 1993), (95, "Blade Runner 2049", 2017),
    (96, "Blade Runner", 1982), (97, "$", 1971),
    (98, "Shanghai Triad (Yao a yao yao dao waipo qiao)", 1995), (99, "The Postman (a.k.a. Postino, Il)", 1994),
    (100, "The Postman", 1997), (101, "L'Été sans fin", 1962), (102, "The Game", 1997), (103, "A Game", 2001),
    (104, "The Story of O (Histoire d'O)", 1975), (105, "Smørrebrød", 1990),
    (106, "Italian Job", 1969), (107, "8 ½", 1963),
]  # fmt: skip


def make(films):
    ids, titles, years = zip(*films, strict=True)
    catalogue = pd.DataFrame({"item_id": ids, "title": titles, "year": years, "genres": [("Drama",)] * len(ids)})
    n = np.arange(len(ids))
    return from_interactions("films", n * 0, np.array(ids), n, n * 1.0, catalogue)


@pytest.fixture(scope="module")
def index():
    return TitleIndex(make(FILMS))


def found_id(index, text):
    return int(index.dataset.item_ids[index.find(text)])


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("the matrix", 10), ("THE MATRIX (1999)", 10), ("Matrix, The (1999)", 10), ("matrix the", 10), ("matrix", 10),
        ("matrix, the", 10), ("Matrix, the (1999)", 10), ("the matrix 1999", 10), ("amelie", 30), ("Ame\u0301lie", 30),
        ("star", 40), ("star wars (1977)", 40), ("STAR WARS, 1977", 40), ("Sabrina (1954)", 50), ("sabrina 1995", 60),
        ("Boot, Das (1981)", 33), ("boot, das", 33), ("boot das", 33), ("das boot", 33),
        ("cats and dogs", 91), ("Cats & Dogs", 91), ("mash", 92), ("m.a.s.h.", 92), ("spiderman", 93),
        ("spider man", 93), ("schindlers list", 94), ("Schindler’s List", 94),
        ("blade runner 2049", 95), ("Blade Runner", 96),
        ("blade runner 1982", 96), ("$", 97), ("shanghai triad", 98), ("Yao a yao yao dao waipo qiao", 98),
        ("Shanghai Triad (Yao a yao yao dao waipo qiao) (1995)", 98), ("yao a yao", 98), ("Il Postino", 99),
        ("Postino, Il (1994)", 99), ("postman (1994)", 99), ("The Postman", 100), ("Postman, The (1997)", 100),
        ("Été sans fin, L' (1962)", 101), ("l ete sans fin", 101), ("The Game", 102), ("Game, A", 103),
        ("story of o", 104), ("Story of O, The (1975)", 104), ("histoire d'o", 104), ("smorrebrod", 105), ("8½", 107),
        ("12 Angry", 90), ("star (1977)", 40), ("unknown", 70),
    ],
)  # fmt: skip
def test_a_film_is_found_as_people_type_it(index, text, item_id):
    assert found_id(index, text) == item_id
    assert found_id(index, f" title: {text}") == item_id


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("id:187", 187), ("ID: 187", 187), (" id:80 ", 80), ("title:187", 80), ("Title: 187", 80), ("187 (1997)", 80),
        ("60", 60), ("80", 80), ("12", 12), ("id:33", 33), ("title:33", 188),
    ],
)  # fmt: skip
def test_id_and_title_say_which_is_meant(index, text, item_id):
    """A number that only begins a title ("12") is an id."""
    assert found_id(index, text) == item_id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("187", r"187 is the id of The Godfather: Part II \(1974\) and the title of 187 \(1997\) = id:80; write id:1"),
        ("33", r"33 is the id of Das Boot \(1981\) and the title of The 33 \(2015\) = id:188; write id:33 or title:33"),
        ("sabrina", r"fits 2 films; give one of these: Sabrina \(1954\) = id:50; Sabrina \(1995\) = id:60"),
        ("game", r"fits 2 films.*The Game \(1997\) = id:102; A Game \(2001\) = id:103"),
        ("sabrina (1960)", r"no film 'sabrina \(1960\)' in films; did you mean Sabrina \(1954\) = id:50; Sab"),
        ("blade", "fits 2 films"),
        ("star warz", r"did you mean Star Wars \(1977\) = id:40"),
        ("reloaded", r"did you mean The Matrix Reloaded"),
        ("matr", r"no film 'matr' in films; did you mean The Matrix \(1999\) = id:10; The Matrix Rel"),
        ("the matrix r", r"did you mean The Matrix Reloaded \(2003\) = id:20"),
        ("it", r"no film 'it'.*Italian Job"),
        ("wars", r"did you mean Star Wars"),
        ("zzzzzz", "give a title or an item id"),
        ("", "no film ''"),
        ("   ", "no film '   '"),
        ("title:", "no film 'title:'"),
        ("!?", "no film"),
        ("999999", "no film '999999'"),
        ("id:9", "no film 'id:9' in films; give a title or another id"),
        ("id:999999999999999999", "no film 'id:999"),
        ("x" * 5000, r"no film 'x{77}\.\.\.' in films"),
    ],
)  # fmt: skip
def test_a_film_that_is_not_there_or_not_alone_says_what_is_near(index, text, message):
    with pytest.raises(UnknownTitle, match=message):
        index.find(text)


def test_what_a_message_advises_is_understood(index):
    for text in ("sabrina", "187", "33", "matr"):
        with pytest.raises(UnknownTitle) as refused:
            index.find(text)
        advised = [word.rstrip(";?") for word in str(refused.value).split() if word.startswith(("id:", "title:"))]
        assert len(advised) >= 2
        assert all(index.find(word) >= 0 for word in advised)


@pytest.mark.parametrize("text", ["lord of the rings", "matrix", "shrek", "memento", "up"])
def test_what_is_only_a_little_alike_is_not_offered(text):
    index = TitleIndex(make([(1, "The Hour of the Pig", 1993), (2, "Matilda", 1996), (3, "Stupids", 1996)]))
    with pytest.raises(UnknownTitle, match="give a title or an item id") as refused:
        index.find(text)
    assert refused.value.items == ()


def test_of_real_titles_with_a_letter_missing_nearly_all_are_offered():
    index = TitleIndex(cinema.source().load())
    titles = [title for title in index.dataset.catalogue["title"] if len(title) > 5]
    refused = {title: offered(index, title[:3] + title[4:]) for title in titles}
    assert np.mean([index.find(f"title:{title}") in items for title, items in refused.items()]) > 0.95


def offered(index, text):
    try:
        return (index.find(text),)
    except UnknownTitle as error:
        return error.items


def test_a_number_is_a_whole_title_where_numbers_are_no_ids(index):
    assert index.dataset.item_ids[index.find("187", numbers_are_ids=False)] == 80
    with pytest.raises(UnknownTitle, match=r"no film '12' in films; did you mean 12 Angry Men .* = id:12\?"):
        index.find("12", numbers_are_ids=False)


def test_an_id_that_is_a_word_is_found_as_it_is_written():
    numbers = make([(number, title, 0) for number, title in enumerate(("item 0441", "Dune", "7", "B00X12"), 1)])
    words = np.array(["0441", "7", "B00X12", "tt01"], object)
    index = TitleIndex(dataclasses.replace(numbers, catalogue=numbers.catalogue.assign(item_id=words)), "book")
    assert [index.find(text) for text in ("0441", "id:0441", "ID: tt01", "tt01", "dune")] == [0, 0, 3, 3, 1]
    assert index.find("0441", numbers_are_ids=False) == 0  # no title fits
    assert index.find("7", numbers_are_ids=False) == 2  # a title does
    with pytest.raises(UnknownTitle, match=r"7 is the id of Dune and the title of 7 .*; write id:7 or title:7"):
        index.find("7")
    for unknown in ("id:1", "id:441", "1"):
        with pytest.raises(UnknownTitle, match=f"no book '{unknown}' in films"):
            index.find(unknown)


def test_films_of_one_title_and_year_are_told_apart_by_id_and_said():
    dataset = make([(246, "Chasing Amy", 1997), (268, "Chasing Amy", 1997), (5, "Alien", 1979), (7, "Chasing Amy", 0)])
    index = TitleIndex(dataset)
    labels = ["Alien (1979)", "Chasing Amy", "Chasing Amy (1997) · id 246", "Chasing Amy (1997) · id 268"]
    assert index.labels == [label(dataset, item) for item in range(4)] == labels
    assert [index.find(f" {text.upper()}") for text in labels if "id" in text] == [2, 3]
    assert twins(dataset, [3, 0, 2], "MovieLens") == (
        "MovieLens has several entries called Chasing Amy (1997); their ids tell them apart"
    )
    assert twins(dataset, [0, 1], "MovieLens") == ""


def test_what_is_in_a_history_more_than_once_is_said(index):
    dataset = index.dataset
    assert repeated(dataset, [3, 1, 3, 2, 3, 1]) == (
        f"{dataset.labels[3]} is there 3 times; {dataset.labels[1]} is there 2 times"
    )
    assert repeated(dataset, [1, 2]) == ""
    assert repeated(dataset, [*range(10)] * 2).endswith("; ...")


def test_histories_are_matched_by_title_and_year(index):
    assert [int(index.dataset.item_ids[i]) for i in index.fits("Sabrina")] == [50, 60]
    assert index.fits("Postino, Il", 1994) == index.fits("IL POSTINO") == [index.find("id:99")]
    assert index.fits("Sabrina", 1960) == index.fits("Matr") == index.fits("") == []


def test_label_leaves_an_unknown_year_out(index):
    assert label(index.dataset, index.find("id:40")) == "Star Wars (1977)"
    assert label(index.dataset, index.find("id:70")) == "unknown"
    assert index.labels == [label(index.dataset, item) for item in range(len(FILMS))]
    for item in (-1, len(FILMS)):
        with pytest.raises(ValueError, match=rf"no item {item} in a catalogue of {len(FILMS)}"):
            label(index.dataset, item)


@pytest.mark.parametrize(
    "text",
    ["Amélie", "L'Été (The Summer)", "Æon & Ørsted", "M*A*S*H", "$", "  ", "ΣΊΣΥΦΟΣ", "千と千尋", "8 ½", "İstanbul"],
)
def test_the_normal_form_of_a_normal_form_is_itself(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain Film (1999)", ("Plain Film", 1999)),
        ("  Spaces Around (1999)  ", ("Spaces Around", 1999)),
        ("Lighthouse, The (1971)", ("The Lighthouse", 1971)),
        ("Autumn, An (1971)", ("An Autumn", 1971)),
        ("Été sans fin, L' (1962)", ("L'Été sans fin", 1962)),
        ("Regen, Der (1931)", ("Der Regen", 1931)),
        ("Nuvole, Le (1955)", ("Le Nuvole", 1955)),
        ("Nuit d'hiver, Une (1955)", ("Une Nuit d'hiver", 1955)),
        ("Island of Bells, The (Île aux cloches, L') (1995)", ("The Island of Bells (Île aux cloches, L')", 1995)),
        ("Glocke, Die (Bell, The) (2001)", ("Die Glocke (Bell, The)", 2001)),
        ("Schnee (Snow, The) (2001)", ("Schnee (Snow, The)", 2001)),
        ("Rain, Rain, The (a.k.a. Rain) (2001)", ("The Rain, Rain (a.k.a. Rain)", 2001)),
        ("Hello, Goodbye (2001)", ("Hello, Goodbye", 2001)),
        ("Straight to Tape (1995) (V)", ("Straight to Tape", 1995)),
        ("Long Series (2006–2007)", ("Long Series", 2006)),
        ("Running Series, The (2007- )", ("The Running Series", 2007)),
        ("2001 Nights", ("2001 Nights", 0)),
        ("(1999)", ("(1999)", 0)),
        ("A (B) C (12) (1990)", ("A (B) C (12)", 1990)),
        ("", ("unknown", 0)),
    ],
)
def test_titles(text, expected):
    assert title_and_year(text) == expected


def test_names_within_a_title():
    assert parts("Léon: The Professional (a.k.a. The Professional) (Léon)") == [
        "Léon: The Professional",
        "The Professional",
        "Léon",
    ]
    assert parts("Bicycle Thieves (AKA Thieves, The)") == ["Bicycle Thieves", "The Thieves"]
    assert parts("Empty ()") == ["Empty"]


# ---- all titles of a data set

LATEST_SMALL = [  # shapes of titles that such a file holds, with invented films
    *(f"Glass Harbour {n}, {article} (19{n + 40})" for n, article in enumerate(ARTICLES)),
    *(f"Brass Key {n} (Schlüssel aus Messing {n}, {article}) (19{n + 40})" for n, article in enumerate(ARTICLES)),
    *(f"Owl {n}, The (a.k.a. Eule {n}, {article}) (Uhu {n}) (19{n + 40})" for n, article in enumerate(ARTICLES)),
    *("Rain, Rain, The (a.k.a. Rain) (2001)", "Hello, Goodbye (2001)", "Straight to Tape (1995) (V)"),
    *("Long Series (2006–2007)", "Running Series, The (2007- )", "2001 Nights"),
    *("1900 (Novecento) (1976)", "1900 (2010)", "Nineteen Eleven (1911) (1984)"),
    *("8 ½ (8 1/2) (1963)", "$ (Dollars) (1971)", "...Wait (2004)", "!!! (1999)", "M*A*S*H: A Story (1970)"),
    *("Day & Night (1990)", "Day and Night (2004)", "Été, L' (1990)", "Ete, L' (1993)"),
    *("The (1988)", "An (1989)", "Die Hard Way, A (1990)", "Snow (Snow (Again)) (1991)", "Twice Shown (1995)"),
]


@pytest.mark.parametrize("show", [str, str.lower, str.upper], ids=["as it is", "lower case", "upper case"])
def test_every_title_is_found_by_its_file_and_as_it_is_shown(show):
    films = [(number, *title_and_year(text)) for number, text in enumerate(LATEST_SMALL, start=5000)]
    index = TitleIndex(make(films))
    for item, text in enumerate(LATEST_SMALL):
        assert index.find(show(text)) == item, text
        assert index.find(show(index.labels[item])) == item, text


def test_every_name_within_a_title_leads_to_it():
    films = [(number, *title_and_year(text)) for number, text in enumerate(LATEST_SMALL, start=5000)]
    index = TitleIndex(make(films))
    for item, (_, title, year) in enumerate(films):
        for name in (title, *parts(title)):
            assert item in index.fits(name, year), name


def test_titles_that_were_stored_as_files_write_them_are_found_too():
    texts = ["Boot, Das (1981)", "Matrix, The (1999)", "Plain (1990)"]
    index = TitleIndex(make([(n, text, 0) for n, text in enumerate(texts)]))
    assert [index.find(text) for text in texts] == [0, 1, 2]
    assert [index.find(text) for text in ("das boot", "The Matrix (1999)", "plain 1990")] == [0, 1, 2]


def test_every_title_of_cinema_is_found():
    dataset = cinema.source().load()
    index = TitleIndex(dataset)
    assert [index.find(text) for text in index.labels] == list(range(dataset.n_items))
    assert [index.find(f"title:{text}") for text in dataset.catalogue["title"]] == list(range(dataset.n_items))


def test_a_catalogue_of_thousands_is_found_by_title_and_its_misspelt_titles_are_answered():
    dataset = make(large_catalogue(5_000))
    index, titles = TitleIndex(dataset), dataset.catalogue["title"]
    assert [index.find(f"title:{text}") for text in titles[:100]] == list(range(100))
    with pytest.raises(UnknownTitle, match="did you mean"):
        index.find(titles[1][:-1] + "z")


def test_thousands_of_films_of_one_name_do_not_slow_the_index():
    index = TitleIndex(make([(n, "A Film (Ein Film)", 1999) for n in range(20_000)]))
    with pytest.raises(UnknownTitle, match="fits 20000 films"):
        index.find("film")


def test_a_text_without_end_is_no_title_and_said_at_once(index):
    for text in (", The (" * 40_000, " (" * 120_000, "x" * 1_001):
        with pytest.raises(UnknownTitle, match="a title has at most 1,000 letters") as told:
            index.find(text)
        assert len(str(told.value)) < 300


@pytest.mark.parametrize(
    ("text", "dotted", "worded"),
    [
        ("us", "U.S. Marshals", "Shadow (Us and Them)"),
        ("mash", "M.A.S.H.", "Fields (Mash of Gold)"),
        ("et", "E.T.", "Woman (Et toi)"),
    ],
)
def test_whole_words_of_another_name_are_no_match_while_a_better_one_is_there(text, dotted, worded):
    index = TitleIndex(make([(1, dotted, 1982), (2, worded, 1956), (3, "Ran", 1985)]))
    assert 0 in meant(index, text)


def meant(index: TitleIndex, text: str) -> tuple[int, ...]:
    """The film that is found, or those that are asked about."""
    try:
        return (index.find(text),)
    except UnknownTitle as asked:
        return asked.items


def test_letters_of_a_name_in_dots_are_not_the_words_of_another_film():
    french = "And God Created Woman (Et Dieu... créa la femme)"
    index = TitleIndex(make([(1, "E.T. the Extra-Terrestrial", 1982), (2, french, 1956), (3, "Ran", 1985)]))
    with pytest.raises(UnknownTitle) as asked:
        index.find("et")
    assert set(asked.value.items) == {0, 1}
    assert index.find("et dieu") == 1
