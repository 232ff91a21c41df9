"""Forty tables of interactions as well-known data sets and shops write them: real headers, values made up."""

# ruff: noqa: E501
from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

_FIRST = str.split("Quiet Red Long Last Golden Broken Northern Little Silent Hidden Blue Winter")
_SECOND = str.split(
    "River House Song of Ash|Night|Harbour|Garden at Noon|Machine|Letters Home|Crown|Road|Mirror Lake", "|"
)
_CATEGORIES = ("Bar", "Coffee Shop", "Park", "Office", "Museum", "Train Station", "Gym")
_START = 1_577_836_800  # 2020


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _mark(text: str, length: int) -> str:
    """Capitals and digits, as shops write ids."""
    return f"{int(_digest(text, 40), 16) % 36**length:x}".upper().zfill(length)[-length:]


def _uuid(text: str) -> str:
    text = _digest(text, 32)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def rows(order: str, seed: int = 0, users: int = 40, items: int = 60) -> Iterator[dict]:
    """Made-up interactions: some items have more than others, a user's lie together in time.

    Args:
        order: of the rows: "user", "item", "time" or "shuffled".
    """
    rng = random.Random(seed)
    weights = [1 / (1 + place) ** 0.6 for place in range(items)]
    made = []
    for user in range(1, users + 1):
        at, session = _START + rng.randint(0, 300) * 86_400 + rng.randint(0, 86_400), user * 4
        taken: dict[int, None] = {}
        while len(taken) < 8 + user % 6:
            taken[rng.choices(range(1, items + 1), weights)[0]] = None
        for place, item in enumerate(taken):
            session += place % 4 == 3
            at += rng.randint(60, 90_000)
            made.append((user, item, at, session, rng.choices((1, 2, 3, 4, 5), (1, 1, 2, 4, 4))[0]))
    keys = {"user": lambda row: row[0], "item": lambda row: row[1], "time": lambda row: row[2]}
    rng.shuffle(made)
    for n, row in enumerate(sorted(made, key=keys[order]) if order in keys else made):
        yield _values(rng, n, *row)


def _values(rng: random.Random, n: int, user: int, item: int, at: int, session: int, rating: int) -> dict:
    """What a row is made of: of the user, of the item, of the moment."""
    title = f"{_FIRST[item % 12]} {_SECOND[item // 7 % 9]}" + (f" {item}" if item % 3 else "")
    category = _CATEGORIES[item * item % 7]
    return {
        "n": n, "u": user, "i": item, "r": rating, "t": at, "d": dt.datetime.fromtimestamp(at, dt.UTC), "s": session,
        "uh": _digest(f"u{user}", 64), "ih": _uuid(f"i{item}"), "A": "A" + _mark(f"u{user}", 13),
        "B": "B0" + _mark(f"i{item}", 8), "b22": _digest(f"u{user}", 22), "p22": _digest(f"i{item}", 22),
        "v22": _digest(f"v{n}", 22), "isbn": f"0{item * 7_919_391 % 10**8:08d}{'X' if item % 5 else 3}",
        "title": title, "artist": f"The {_FIRST[item % 11]}s" if item % 2 else _FIRST[item % 11],
        "ah": _uuid(f"a{item % 11}"), "cat": category, "ch": _digest(category, 24), "name": f"wanderer{user * 37 % 101}",
        "price": 1.5 + item * 13 % 90, "q": rng.choice((1, 1, 1, 2, 3, 6, 12)), "lat": 40 + item / 97, "lon": -74 + item / 89,
        "ev": rng.choices(("view", "addtocart", "transaction"), (9, 2, 1))[0], "x": rng.randint(0, 1),
        "text": f"I {'did not like' if rating < 3 else 'liked'} {title} because it {' and '.join(rng.choices(_SECOND, k=rng.randint(4, 9)))}",
        "t0": (at - _START) // 6_000, "t1": (at - _START) // 6_000 + rng.randint(1, 6), "b": item % 11 + 140,
        "b2": item % 23 + 500, "r2": rng.choice((2.5, 3, 3.5, 4, 4.5, 5)), "r3": rng.choice((1, 2, 3, 4, 4.5, 5)),
        "abv": 4 + item % 17 / 4, "c": item * item % 7 + 1, "xb": rng.choice(("true", "false")), "half": rating - 0.5 * (n % 2),
        "d2": dt.datetime.fromtimestamp(at + rng.randint(0, 10**7), dt.UTC), "r10": rng.choices(range(11), (9, *[1] * 10))[0],
        "dur": 9_000 + item * 317 % 5_000, "ratio": round(rng.expovariate(1), 4), "sh": _uuid(f"s{session}"),
        "age": "ABCDEFGHIJ"[user % 10], "pf": round(0.01 + item / 997, 6),
        "pos": n % 17, "hours": round(rng.expovariate(0.2), 1), "ms": rng.randint(5_000, 300_000), "few": rng.choices((0, 1, 2, 5), (9, 3, 1, 1))[0],
    }  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A data set's table: its header, how a row is written, how its rows are ordered, and its columns by place.

    Attributes:
        roles: role -> column; "timestamp=time" where either will do.
    """

    name: str
    header: str
    row: str
    roles: dict[str, str]
    separator: str = ","
    order: str = "shuffled"

    def text(self, has_header: bool = True, seed: int = 0) -> str:
        lines = [self.separator.join(self.row.split(" | ")).format_map(row) for row in rows(self.order, seed)]
        return "\n".join([self.header] * has_header + lines) + "\n"

    def gives(self, found: dict[str, str], has_header: bool) -> bool:
        """Whether roles are the right ones, of the table with its header or without."""
        names = self.header.replace('"', "").split(self.separator)
        places = {name: name if has_header else f"column {place}" for place, name in enumerate(names, 1)}
        right = {role: [places[name] for name in columns.split("=")] for role, columns in self.roles.items()}
        return found.keys() == right.keys() and all(found[role] in right[role] for role in right)


def _table(name: str, header: str, row: str, roles: str, separator: str = ",", order: str = "shuffled") -> Table:
    chosen = zip(("user", "item", "time", "rating", "title"), roles.split("|"), strict=False)
    return Table(name, header, row, {role: column for role, column in chosen if column}, separator, order)


D = "{d:%Y-%m-%d %H:%M:%S}"
TABLES = [
    _table("Yelp reviews", "review_id,user_id,business_id,stars,useful,funny,cool,text,date",
           '{v22} | {b22} | {p22} | {r}.0 | {few} | 0 | {x} | "{text}" | ' + D, "user_id|business_id|date|stars"),
    _table("Yelp tips", "user_id,business_id,text,date,compliment_count", '{b22} | {p22} | "{text}" | ' + D + " | 0",
           "user_id|business_id|date"),
    _table("Amazon 2014", "reviewerID,asin,overall,unixReviewTime", "{A} | {B} | {r}.0 | {t}",
           "reviewerID|asin|unixReviewTime|overall", order="item"),
    _table("Amazon 2018", "asin,reviewerID,overall,unixReviewTime", "{B} | {A} | {r}.0 | {t}",
           "reviewerID|asin|unixReviewTime|overall", order="item"),
    _table("Amazon 2023", "rating,title,text,asin,parent_asin,user_id,timestamp,helpful_vote,verified_purchase",
           '{r}.0 | "{text:.30}" | "{text}" | {B} | {B} | {A} | {t}000 | {few} | True',
           "user_id|asin|timestamp|rating", order="user"),
    _table("Amazon Fine Foods",
           "Id,ProductId,UserId,ProfileName,HelpfulnessNumerator,HelpfulnessDenominator,Score,Time,Summary,Text",
           '{n} | {B} | {A} | "{name}" | {few} | {few} | {r} | {t} | "{text:.20}" | "{text}"',
           "UserId|ProductId|Time|Score", order="item"),
    _table("SNAP Amazon", "product/productId,review/userId,review/score,review/time", "{B} | {A} | {r}.0 | {t}",
           "review/userId|product/productId|review/time|review/score", order="item"),
    _table("Steam 200k", "user-id,game-title,behavior-name,value,zero", '{u}51603 | "{title}" | play | {hours} | 0',
           "user-id|game-title", order="user"),
    _table("Steam reviews", "app_id,helpful,funny,date,is_recommended,hours,user_id,review_id",
           "{i}970 | {few} | 0 | {d:%Y-%m-%d} | true | {hours} | {u}1055 | {n}", "user_id|app_id|date"),
    _table("Twitch", "user_id,stream_id,streamer_name,time_start,time_stop", "{u} | 338{s}{i}44 | strm{i}x | {t0} | {t1}",
           "user_id|streamer_name|time_start", order="user"),
    _table("BeerAdvocate", "brewery_id,brewery_name,review_time,review_overall,review_aroma,review_appearance,"
           "review_profilename,beer_style,review_palate,review_taste,beer_name,beer_abv,beer_beerid",
           '{b} | "{artist} Brewery" | {t} | {r} | {r2} | {r3} | {name} | {cat} | {r2} | {r3} | "{title}" | {abv} | {i}7986',
           "review_profilename|beer_beerid|review_time|review_overall|beer_name"),
    _table("Last.fm 360K", "user-mboxsha1\tmusicbrainz-artist-id\tartist-name\tplays",
           "{uh:.40} | {ih} | {title} | {ms}", "user-mboxsha1|musicbrainz-artist-id|||artist-name", "\t", "user"),
    _table("Last.fm 1K", "userid\ttimestamp\tmusicbrainz-artist-id\tartist-name\tmusicbrainz-track-id\ttrack-name",
           "user_{u:06d} | {d:%Y-%m-%dT%H:%M:%SZ} | {ah} | {artist} | {ih} | {title}",
           "userid|musicbrainz-track-id|timestamp||track-name", "\t", "user"),
    _table("LFM-1b", "user_id\tartist_id\talbum_id\ttrack_id\ttimestamp", "{u}31435 | {b} | {b2} | {i}53 | {t}",
           "user_id|track_id|timestamp", "\t", "user"),
    _table("HetRec Last.fm", "userID\tartistID\tweight", "{u} | {i} | {ms}", "userID|artistID", "\t", "user"),
    _table("ListenBrainz", "listened_at,user_name,recording_msid,artist_name,release_name,track_name",
           '{t} | {name} | {ih} | "{artist}" | "{artist} Live" | "{title}"',
           "user_name|recording_msid|listened_at||track_name", order="time"),
    _table("Spotify playlists", "pid,pos,track_uri,artist_name,track_name",
           '{u} | {pos} | spotify:track:{p22} | "{artist}" | "{title}"', "pid|track_uri|||track_name", order="user"),
    _table("Spotify sessions", "session_id,session_position,session_length,track_id_clean,skip_1,hour_of_day,date",
           "0_{uh:.36} | {few} | 20 | t_{ih} | {xb} | {d:%H} | {d:%Y-%m-%d}", "session_id|track_id_clean|date", order="user"),
    _table("Yoochoose", "Session ID,Timestamp,Item ID,Category", "{u} | {d:%Y-%m-%dT%H:%M:%S.000Z} | 2145{i:02d}36 | {c}",
           "Session ID|Item ID|Timestamp", order="user"),
    _table("Diginetica", "sessionId;userId;itemId;timeframe;eventdate", "{u} | NA | {i}766 | {ms} | {d:%Y-%m-%d}",
           "sessionId|itemId|eventdate", ";", "user"),
    _table("Retailrocket", "timestamp,visitorid,event,itemid,transactionid", "{t}117 | {u}7597 | {ev} | {i}5908 | ",
           "visitorid|itemid|timestamp"),
    _table("H&M", "t_dat,customer_id,article_id,price,sales_channel_id",
           "{d:%Y-%m-%d} | {uh} | 0{i:02d}3713001 | {pf} | {x}", "customer_id|article_id|t_dat", order="time"),
    _table("Foursquare", "userId,venueId,venueCategoryId,venueCategory,latitude,longitude,timezoneOffset,utcTimestamp",
           "{u} | {ih:.24} | {ch} | {cat} | {lat} | {lon} | -240 | {d:%a %b %d %H:%M:%S} +0000 {d:%Y}",
           "userId|venueId|utcTimestamp", order="time"),
    _table("Gowalla", "user\tcheck-in time\tlatitude\tlongitude\tlocation id",
           "{u} | {d:%Y-%m-%dT%H:%M:%SZ} | {lat} | {lon} | {i}847", "user|location id|check-in time", "\t", "user"),
    _table("MIND", "impression_id\tuser_id\ttime\tnews_id\tclicked",
           "{n} | U{u}740 | {d:%-m/%-d/%Y %-I:%M:%S %p} | N{i}5689 | {x}", "user_id|news_id|time", "\t"),
    _table("Goodreads", "user_id,book_id,is_read,rating,is_reviewed", "{u} | {i}948 | {x} | {r} | {x}",
           "user_id|book_id||rating", order="user"),
    _table("Goodreads reviews", "user_id,book_id,review_id,rating,review_text,date_added,date_updated,read_at,n_votes",
           '{uh:.32} | {i}8245 | {v22} | {r} | "{text}" | {d:%a %b %d %H:%M:%S} -0700 {d:%Y} | '
           "{d2:%a %b %d %H:%M:%S} -0700 {d2:%Y} |  | {few}", "user_id|book_id|date_added|rating", order="user"),
    _table("goodbooks", "user_id,book_id,rating", "{u} | {i} | {r}", "user_id|book_id||rating", order="user"),
    _table("Book-Crossing", '"User-ID";"ISBN";"Book-Rating"', '"{u}2767" | "{isbn}" | "{r10}"', "User-ID|ISBN||Book-Rating", ";",
           "user"),
    _table("KuaiRec", "user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio",
           "{u} | {i}36 | {ms} | {dur} | {d:%Y-%m-%d %H:%M:%S}.438 | {d:%Y%m%d} | {t}.438 | {ratio}",
           "user_id|video_id|timestamp=time", order="user"),
    _table("KuaiRand", "user_id,video_id,date,hourmin,time_ms,is_click,is_like,play_time_ms,duration_ms,tab",
           "{u} | {i}74 | {d:%Y%m%d} | {d:%H}00 | {t}500 | {x} | 0 | {ms} | {dur} | {few}", "user_id|video_id|time_ms", order="user"),
    _table("Kaggle shop", "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session",
           "{d:%Y-%m-%d %H:%M:%S} UTC | {ev} | 10{i:02d}767 | 20530135556{c}8826 | a.{cat} | {artist} | {price} | 5413{u}120 | {sh}",
           "user_id|product_id|event_time", order="time"),
    _table("Online Retail", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
           '53{s}65 | 8{i}23A | "{title}" | {q} | {d:%-m/%-d/%Y %-H:%M} | {price} | 17{u}50 | United Kingdom',
           "CustomerID|StockCode|InvoiceDate||Description", order="time"),
    _table("Taobao", "user_id,item_id,category_id,behavior_type,timestamp", "{u}01 | {i}68318 | {c}520771 | pv | {t}",
           "user_id|item_id|timestamp", order="user"),
    _table("Ta-Feng", "TRANSACTION_DT,CUSTOMER_ID,AGE_GROUP,PRODUCT_SUBCLASS,PRODUCT_ID,AMOUNT,ASSET,SALES_PRICE",
           "{d:%-m/%-d/%Y} | 0{u}04 | {age} | {c}0411 | 471{i}500 | {q} | {ms} | {price}",
           "CUSTOMER_ID|PRODUCT_ID|TRANSACTION_DT", order="time"),
    _table("OTTO", "session,aid,ts,type", "{u} | {i}1562 | {t}025 | clicks", "session|aid|ts", order="user"),
    _table("MovieLens", "userId,movieId,rating,timestamp", "{u} | {i} | {half} | {t}",
           "userId|movieId|timestamp|rating", order="user"),
    _table("RecBole", "user_id:token\titem_id:token\trating:float\ttimestamp:float", "{u} | {i} | {r} | {t}",
           "user_id:token|item_id:token|timestamp:float|rating:float", "\t"),
    _table("a German shop", "Bestelldatum;Kundennummer;Artikelnummer;Bezeichnung;Menge",
           "{d:%d.%m.%Y} | K{u}88 | {i}1002 | {title} | {q}", "Kundennummer|Artikelnummer|Bestelldatum||Bezeichnung", ";", "time"),
    _table("a Chinese shop", "用户ID,商品ID,评分,时间", "{u} | {i} | {r} | " + D, "用户ID|商品ID|时间|评分"),
]  # fmt: skip
