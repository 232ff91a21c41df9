"""What the names of columns say of their roles: as programs write them, and as people do in many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from caser.data.titles import LETTERS

ROLES = ("user", "item", "time", "rating", "title")
LONGEST = 60  # letters of a name that are looked at
SURE, LIKELY, MAYBE = 4.0, 3.0, 2.0  # how much a name speaks for a role
_AGAINST, _ELSEWHERE = -3.0, -2.0  # a name of something else; a name of another role

_WORDS = {  # the first of a list goes first where two columns are named so
    ("user", SURE): (
        "user uid customer visitor member reviewer reader who usr cust client viewer listener account buyer "
        "shopper subscriber person player patron nutzer benutzer kunde kunden kaeufer leser mitglied usuario "
        "cliente comprador lector miembro utilisateur acheteur lecteur membre leitor utente lettore "
        "acquirente пользователь пользователя клиент клиента покупатель читатель юзер 用户 用戶 使用者 客户 "
        "客戶 顾客 会员 會員 买家 ユーザー ユーザ 顧客 会員 利用者 사용자 유저 고객 회원 مستخدم عميل "
        "उपयोगकर्ता ग्राहक kullanici musteri uzytkownik klient gebruiker klant pengguna pelanggan"
    ),
    ("user", LIKELY): "profile username author household pseudo nickname",
    ("user", MAYBE): "session sessions playlist pid sid",
    ("item", SURE): (
        "item iid movie film book product stockcode article asin isbn track song parentasin what recording "
        "business venue video game anime news recipe beer sku app prod aid gmap artikel produkt buch ware "
        "spiel articulo producto libro pelicula cancion juego produit livre chanson morceau jeu artigo "
        "produto livro filme musica jogo articolo prodotto brano canzone gioco товар товара продукт фильм "
        "фильма книга книги артикул песня трек игра 商品 物品 产品 產品 电影 電影 图书 書籍 歌曲 视频 文章 "
        "项目 アイテム 製品 映画 曲 상품 아이템 제품 영화 도서 منتج عنصر فيلم كتاب उत्पाद वस्तु फिल्म पुस्तक "
        "urun kitap ksiazka boek barang produk buku"
    ),
    ("item", LIKELY): (
        "artist album location poi place shop restaurant hotel course podcast episode show manga wine "
        "streamer release listing ad content media joke paper post question merchant goods material"
    ),
    ("item", MAYBE): "stream store channel url brewery",
    ("time", SURE): (
        "timestamp time when date datetime invoicedate unixreviewtime eventtime createdat ts watchedat tdat "
        "eventdate checkintime reviewtime reviewdate orderdate purchasedate starttime clicktime timems datum "
        "zeit zeitpunkt zeitstempel uhrzeit fecha heure horodatage ora дата время 时间 時間 日期 时间戳 日時 "
        "時刻 日付 タイムスタンプ 시간 날짜 일시 تاريخ وقت समय दिनांक तारीख tarih zaman tijd tanggal waktu"
    ),
    ("time", MAYBE): "day data at added created listened visited watched played purchased hora czas",
    ("rating", SURE): (
        "rating score stars overall preference bookrating userrating reviewscore ratingvalue ratings grade "
        "bewertung sterne calificacion puntuacion valoracion estrellas note etoiles nota avaliacao "
        "classificacao estrelas voto valutazione punteggio stelle оценка рейтинг 评分 評分 打分 分数 星级 "
        "評価 レーティング 点数 평점 별점 점수 تقييم रेटिंग puan ocena beoordeling penilaian"
    ),
    ("title", SURE): (
        "title movietitle booktitle itemtitle itemname moviename producttitle titel titulo titre titolo "
        "название заголовок 标题 標題 书名 片名 商品名 タイトル 題名 제목 상품명 عنوان शीर्षक baslik tytul "
        "judul"
    ),
    ("title", MAYBE): "name description beschreibung bezeichnung descripcion libelle descricao descrizione 名称 名稱",
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OTHER = _set(  # what a column that is neither may be called, and what the head of a longer name says
    "category categories cat brand genre genres type event behavior behaviour action status country city state "
    "zip pin region gender sex age tag tags language lang device platform size color colour os browser level "
    "count quantity qty price cost amount lat latitude lon lng longitude duration length offset timezone "
    "timeframe zone hour hours hourmin minute minutes week weekday month year review reviews transaction order "
    "invoice basket impression impressions history index row number helpful helpfulness useful funny cool "
    "votes vote text summary comment style group class subclass discount coupon weight plays playcount "
    "position pos rank step stop end finish ratio pct percent click clicked like liked skip verified premium "
    "tab image images value kategorie preis menge anzahl categoria precio cantidad categorie prix quantite "
    "preco quantidade prezzo категория цена количество 类别 价格 数量 カテゴリ 価格 가격 카테고리"
)
_ATTRIBUTES = _set("birth born release publish published publication launch signup joined registered")
_SPANS = _set("play watch run screen listening reading view")  # with "time": how long, not when
_LATER = _set("end stop finish updated modified until edited")
_DATED = _set("date time datum fecha")
_NAMING = _set("name names title titel titre titolo titulo nom nome nombre naam 名 名称 名稱 название")
_ENDS = (  # of a name, after the noun: "customerid", "kundennummer"
    *("identifier", "number", "nummer", "numero", "index", "uuid", "guid", "mbid", "msid", "hash", "code", "name"),
    *("key", "idx", "num", "ids", "uri", "id", "no", "nr"),
    *("编号", "編號", "番号", "コード", "번호", "아이디", "号", "名", "id"),
)
_NO_ACCENTS = str.maketrans(LETTERS)
_SPLIT = re.compile(r"[a-z]+|[^\W\d_a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def normal(name: str) -> str:
    """A column's name as it is looked for: without RecBole's type, case, accents and signs.

    >>> normal("User_ID:token"), normal(" movieId "), normal("Título")
    ('userid', 'movieid', 'titulo')
    """
    return re.sub(r"[\W_]", "", _bare(name.partition(":")[0]))


def _bare(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_NO_ACCENTS))
    return unicodedata.normalize("NFC", "".join(letter for letter in apart if unicodedata.category(letter) != "Mn"))


@cache
def _vocabulary() -> dict[str, dict[str, float]]:
    """word -> role -> weight; of words of one role and weight, those named first have slightly more."""
    known: dict[str, dict[str, float]] = {}
    for (role, weight), words in _WORDS.items():
        for place, word in enumerate(dict.fromkeys(map(normal, words.split()))):
            known.setdefault(word, {}).setdefault(role, weight - place / 1000)
    return known


def words(name: str) -> list[str]:
    """The words of a column's name, without signs and digits.

    >>> words("review/userId"), words("parent_asin"), words("用户ID")
    (['review', 'user', 'id'], ['parent', 'asin'], ['用户', 'id'])
    """
    spaced = _CAMEL.sub(" ", name[:LONGEST].partition(":")[0])
    return [part for word in _SPLIT.findall(_bare(spaced)) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """A word; one in a script without blanks is cut at the words that are known, the longest first."""
    if word.isascii() or word in _vocabulary():
        return [word]
    known = [part for part in (*_vocabulary(), *_NAMING, *_ENDS) if not part.isascii() and len(part) > 1]
    for part in sorted(known, key=len, reverse=True):
        before, met, after = word.partition(part)
        if met:
            return [*(_parts(before) if before else []), part, *(_parts(after) if after else [])]
    return [word]


@lru_cache(maxsize=1000)
def hints(name: str) -> dict[str, float]:
    """How much a column's name speaks for each role, about -3 to 5; 0 where it says nothing.

    >>> hints("customer_id")["user"] > 4, hints("review_id")["user"], hints("x7")["user"]
    (True, -3.0, 0.0)
    """
    parts = words(name)
    speaks = _said(normal(name), parts)
    if _is_title(parts, speaks):
        speaks["item"], speaks["title"] = 0.5 * speaks["item"], max(LIKELY, speaks.get("title", 0.0))
    if parts and parts[-1] not in _OTHER and _DATED & set(parts):
        speaks["time"] = max(LIKELY, speaks.get("time", 0.0))
    if _ATTRIBUTES & set(parts) or (_SPANS & set(parts) and parts[-1] == "time"):
        return dict.fromkeys(ROLES, _AGAINST)
    if "time" in speaks and _LATER & set(parts):
        speaks["time"] -= 1
    named = max(speaks.values(), default=0.0) > 0
    if not named and any(part in _OTHER for part in parts):
        return dict.fromkeys(ROLES, _AGAINST)
    return {role: speaks.get(role, _ELSEWHERE if named else 0.0) for role in ROLES}


def _said(whole: str, parts: list[str]) -> dict[str, float]:
    """What the whole name says, else its head, else any of its words."""
    for word in (whole, _stem(whole)):
        if word in _vocabulary():
            return {role: weight + 0.5 for role, weight in _vocabulary()[word].items()}
    heads = [part for part in parts if part not in _ENDS and part not in _NAMING]
    if not heads or heads[-1] in _OTHER:
        return {}
    for word in (heads[-1], _stem(heads[-1])):
        if word in _vocabulary():
            return dict(_vocabulary()[word])
    speaks: dict[str, float] = {}
    for word in heads[:-1]:
        for role, weight in (_vocabulary().get(word) or _vocabulary().get(_stem(word)) or {}).items():
            speaks[role] = max(speaks.get(role, 0.0), 0.5 * weight)
    if re.fullmatch(r".*(date|timestamp|datetime|datum)", whole):
        speaks["time"] = LIKELY
    return speaks


def _stem(word: str) -> str:
    """A word without what numbers or names its things: "customerid" is a customer."""
    end = next((end for end in _ENDS if word.endswith(end) and len(word) > len(end)), "")
    return word.removesuffix(end) if end else word


def _is_title(parts: list[str], speaks: dict[str, float]) -> bool:
    """Whether a name is one of an item's name: "track_name"."""
    return len(parts) > 1 and bool(_NAMING & set(parts)) and speaks.get("item", 0.0) > 0


def is_known(name: str) -> bool:
    """Whether a field is a column's name rather than a value."""
    return normal(name) in _vocabulary() or _stem(normal(name)) in _vocabulary()


def column_for(role: str, columns: Sequence[str]) -> str:
    """The column whose whole name is that of a role, "" where none is; names that come first in the list go first."""
    by_name = {normal(column): column for column in reversed(columns)}
    own = [word for word, roles in _vocabulary().items() if role in roles]
    return next((by_name[name] for name in own if name in by_name), "")
