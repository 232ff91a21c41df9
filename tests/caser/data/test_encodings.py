"""Encodings that are found out: what people's programs write in many countries."""

from __future__ import annotations

import pytest

from caser.data import encodings, table
from caser.data.table import TableError
from caser.data.text import LOST

TITLES = {  # made up
    "gbk": ("红色的河与月亮", "山上的孩子", "春天来了"),
    "big5": ("紅色的河與月亮", "山上的孩子", "春天來了"),
    "shift_jis": ("赤い川の月", "ホテルの窓", "春が来た"),
    "euc_jp": ("赤い川の月", "ホテルの窓", "春が来た"),
    "iso2022_jp": ("赤い川の月", "ホテルの窓"),
    "euc_kr": ("붉은 강", "산 위의 아이", "봄이 온다"),
    "cp1251": ("Красная река", "Дети на горе", "Весна"),
    "koi8-r": ("Красная река", "Дети на горе", "Весна"),
    "cp866": ("Красная река", "Дети на горе", "Весна"),
    "cp1250": ("Żółta rzeka", "Dzieci na górze", "Księżyc"),
    "iso8859_2": ("Żółta rzeka", "Miś", "Źródło"),
    "cp1252": ("Été à la mer", "Der Mond über dem Fluß", "El niño"),
    "cp1253": ("Το ποτάμι", "Άνοιξη"),
    "cp1254": ("Kırmızı ırmak", "Dağdaki çocuklar", "Şarkı"),
    "cp1255": ("נהר אדום", "אביב"),
    "cp1256": ("النهر الأحمر", "الربيع"),
    "cp1257": ("Sarkanā upe", "Bērni kalnā", "Žvaigždė"),
    "cp874": ("แม่น้ำสีแดง", "เด็กบนภูเขา"),
    "cp850": ("Été à la mer", "Über den Fluß"),
    "mac_roman": ("Été à la mer", "Über den Fluß"),
    "utf-16-le": ("Été à la mer", "赤い川の月"),
    "utf-16-be": ("Été à la mer", "Весна"),
    "utf-8": ("Été à la mer", "赤い川の月"),
}


def written(titles, encoding: str) -> bytes:
    rows = "".join(f"u{n % 4},b{n},{title},{n}\n" for n, title in enumerate(titles * 5))
    return ("user,item,title,timestamp\n" + rows).encode(encoding)


@pytest.mark.parametrize("encoding", TITLES)
def test_the_encoding_is_found_out(encoding):
    data = written(TITLES[encoding], encoding)
    text, _ = encodings.read_text(data)
    assert text == data.decode(encoding)


@pytest.mark.parametrize("encoding", [name for name in TITLES if name[:3] not in ("utf", "mac", "cp8")])
def test_one_title_is_mostly_enough(encoding):
    data = written(TITLES[encoding][-1:], encoding)
    assert encodings.read_text(data)[0] == data.decode(encoding)


def test_the_guess_is_said_with_three_titles_and_the_remedy():
    (file,) = table.opened("log.csv", written(TITLES["cp1251"], "cp1251"))
    assert file.encoding == "cp1251"
    (said,) = file.notes
    assert "read as Windows-1251 (Cyrillic): 'Красная река', 'Дети на горе', 'Весна'." in said
    assert "name its encoding (--encoding)" in said


def test_an_encoding_that_is_named_is_taken_and_not_doubted():
    (file,) = table.opened("log.csv", written(TITLES["cp1251"], "cp1251"), encoding="koi8-r")
    assert file.data.decode() == written(TITLES["cp1251"], "cp1251").decode("koi8-r")
    assert "--encoding" not in " ".join(file.notes)
    (file,) = table.opened("log.csv", written(TITLES["utf-8"], "utf-8"), encoding="koi8-r")
    assert file.data.decode().count(TITLES["utf-8"][0]) == 5  # what is UTF-8 is nothing else


def test_an_encoding_that_does_not_fit_is_refused():
    with pytest.raises(TableError, match=r"is not Shift-JIS .*name another encoding, or none"):
        table.opened("log.csv", written(TITLES["cp1250"], "cp1250"), encoding="cp932")


def test_a_letter_that_is_lost_costs_that_letter():
    data = written(TITLES["utf-8"], "utf-8") + b"u1,b1,\xff,9\n"
    (file,) = table.opened("log.csv", data)
    assert file.data.decode().count(LOST) == 1
    assert file.notes == (f"1 letters of log.csv are not UTF-8 and stand as {LOST}.",)


@pytest.mark.parametrize("name", ["klingon", "rot13", "hex", "", "idna\0"])
def test_a_name_that_is_no_encoding_is_refused(name):
    with pytest.raises(ValueError, match=r"there is no encoding .* give one such as utf-8, cp1252"):
        encodings.checked(name)
    assert encodings.checked("GBK") == "gbk"


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16"])
def test_json_in_another_encoding_is_read(encoding):
    data = "\n".join(f'{{"user": "u{n}", "item": "{t}"}}' for n, t in enumerate(TITLES["cp1251"])).encode(encoding)
    (file,) = table.opened("log.json", data)
    assert table.preview(file)["item"].tolist() == list(TITLES["cp1251"])


def test_no_letters_no_examples():
    assert encodings.examples("user,item\n1,2\n") == []
    assert encodings.examples('1,"é a",b\n2,é a,ü') == ["é a", "ü"]


def test_one_line_of_many_megabytes_is_not_looked_at_in_full():
    data = b"user,item," * 300_000 + "Красная река, ".encode("cp1251") * 100_000
    assert encodings.read_text(data)[1] == "cp1251"


@pytest.mark.parametrize("name", ["idna", "rot13", "base64", "nothing-such", "", "\0"])
def test_what_is_no_encoding_of_texts_is_refused(name):
    with pytest.raises(ValueError, match="there is no encoding"):
        encodings.checked(name)
