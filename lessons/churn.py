"""架空の食材定期便「ひだまり便」の、顧客・契約・利用・問い合わせの表を作る。

会社も人もすべて架空で、実在の個人や企業のデータは1件も使っていない。ライセンスはCC0。

使い方は3通り。どれも、同じ引数なら同じ行になる。

- ``make_tables()``: pandasの表を辞書で返す。
- ``make_spark_tables(spark)``: 分担して作るSparkの表を辞書で返す。運転役のメモリーは人数によらない。
- ``make_truth()``: 顧客・月ごとの、本当の解約確率と翌月の結果を返す。答え合わせにだけ使う。

乱数は、種・用途・月・顧客番号から決まる（numpyのPhiloxの生の出力。numpyのバージョンで変わらない）。
ある顧客の行は、ほかの顧客を作らなくても作れる。だから何人分でも、どこで切っても同じになる。

罠（重複、全角数字、月の境目、回答の欠け、個人情報、漏れる列）は記録の仕方だけを変え、
誰がいつ解約するかは変えない。
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

TABLES = ("customers", "contracts", "usage_monthly", "support_tickets")
BLOCK = 50_000  # 一度にまとめて作る顧客の数
FIRST_CUSTOMER_ID = 100_001

CHANNELS = ("広告", "検索", "店頭", "紹介")
PLANS = ("ライト", "スタンダード", "ファミリー")
PLAN_FEES = (3980, 5980, 8980)  # 円/月
DISCOUNTS = (0, 500, 1000)  # 円/月
REGIONS = ("北海道・東北", "関東", "中部", "近畿", "中国・四国", "九州・沖縄")
CATEGORIES = ("配送", "品質", "請求", "使い方")  # 前の2つが苦情
SURNAMES = (
    "青葉", "朝倉", "池谷", "上条", "大浦", "風間", "桐生", "小泉", "沢田", "篠崎",
    "瀬川", "高森", "月岡", "天野", "長瀬", "野々村", "氷室", "深町", "水島", "柚木",
)
GIVEN_NAMES = (
    "葵", "郁", "詠", "薫", "京", "慧", "咲", "静", "純", "空",
    "匠", "司", "渚", "望", "光", "真", "岬", "睦", "結", "遼",
)

# 本当のモデル（対数オッズに足す値）。説明は本の「データカード」にある。
INTERCEPT = -3.2
NEWCOMER = 1.2  # 契約1か月目。3か月で約1/3になる
ORDERS = -0.50  # 注文1回ごと（2.5回が基準）
ORDERS_DROP = 0.55  # 直前2か月の平均から1回減るごと
APP_DAYS = -0.045  # アプリを開いた1日ごと（15日が基準）
COMPLAINT = 0.8  # 3か月以内に苦情がある
NEWCOMER_COMPLAINT = 0.8  # そのうえ契約6か月以内
FEE = 0.22  # 月額1,000円ごと（5,500円が基準）
CHANNEL_EFFECTS = (0.55, 0.10, -0.15, -0.50)
SCORE_EFFECTS = (1.5, 0.8, 0.0, -0.3, -0.6)  # 満足度1〜5

# 満足度の分布（苦情のない月、ある月）と、満足度ごとの回答率。
SCORE_SHARES = np.array([[0.05, 0.12, 0.28, 0.35, 0.20], [0.30, 0.30, 0.22, 0.13, 0.05]])
ANSWER_RATES = np.array([0.25, 0.45, 0.70, 0.80, 0.85])


@dataclass(frozen=True)
class Settings:
    """作る会社の設定。誤った値は、引数の名前を挙げた日本語の ``ValueError`` になる。

    大きさ
        n_customers: 期間中に一度でも契約していた顧客の数（人）
        months: 月の数。``first_month`` から数える
        first_month: 最初の月（"YYYY-MM"）
        seed: 乱数の種（0以上 2**63 未満の整数）
        churn_rate: 1か月に解約する割合の目安（0.01〜0.5）
    罠
        duplicate_rate: 利用の行のうち、2回届く割合
        full_width_rate: 月額が全角数字で入力される契約の割合
        month_edge_rate: 解約のうち、1日の0時〜8時台（日本時間）に処理される割合
        missing_not_at_random: 満足度の低い人ほどアンケートに答えない
        pii: 顧客の表に、架空の氏名・メール・電話を入れる
        leak: 契約の表に、解約の手続き中に埋まる列 ``retention_coupon`` を入れる
    変化
        price_rise_month, price_rise_yen: この月から新しい契約の月額が上がり、
            前からの顧客も同じ額だけ割高に感じる（表の月額は契約した時のまま）
        channel_shift_month: この月から広告経由の新規が増え、広告経由の顧客が離れやすくなる
        season: 8月に高く2月に低い、対数オッズの振れ幅
        ab_start_month, ab_effect: 契約の表に ``ab_group`` を入れ、
            この月からBの対数オッズに ``ab_effect`` を足す
        schema_version: 2なら、利用の表の ``app_days`` が ``active_days`` に変わり ``device`` が増える
    """

    n_customers: int = 4_000
    months: int = 12
    first_month: str = "2025-04"
    seed: int = 20260401
    churn_rate: float = 0.12
    duplicate_rate: float = 0.02
    full_width_rate: float = 0.15
    month_edge_rate: float = 0.25
    missing_not_at_random: bool = True
    pii: bool = True
    leak: bool = True
    price_rise_month: str | None = None
    price_rise_yen: int = 0
    channel_shift_month: str | None = None
    season: float = 0.0
    ab_start_month: str | None = None
    ab_effect: float = 0.0
    schema_version: int = 1

    def __post_init__(self) -> None:
        whole = (int, np.integer)
        number = (int, float, np.integer, np.floating)
        _check_number("n_customers", self.n_customers, whole, 1, 1_000_000_000)
        _check_number("months", self.months, whole, 1, 120)
        _check_number("seed", self.seed, whole, 0, 2**63 - 1)
        _check_number("churn_rate", self.churn_rate, number, 0.01, 0.5)
        for name in ("duplicate_rate", "full_width_rate", "month_edge_rate"):
            _check_number(name, getattr(self, name), number, 0, 1)
        for name in ("missing_not_at_random", "pii", "leak"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} は True か False にしてください。")
        _check_number("price_rise_yen", self.price_rise_yen, whole, 0, 10_000)
        for name in ("season", "ab_effect"):
            _check_number(name, getattr(self, name), number, -3, 3)
        _check_number("schema_version", self.schema_version, whole, 1, 2)
        _parse_month("first_month", self.first_month)
        for name in ("price_rise_month", "channel_shift_month", "ab_start_month"):
            self.month_index(name)
        for month, size in (
            ("price_rise_month", "price_rise_yen"),
            ("ab_start_month", "ab_effect"),
        ):
            if getattr(self, month) is None and getattr(self, size) != 0:
                raise ValueError(f"{size} を使うには {month} も指定してください。")

    def month_index(self, name: str) -> int | None:
        """月を表す引数 ``name`` が、期間の何か月目か（0から）。指定がなければ ``None``。"""
        if getattr(self, name) is None:
            return None
        first = _parse_month("first_month", self.first_month)
        index = int((_parse_month(name, getattr(self, name)) - first).astype(int))
        if not 0 <= index < self.months:
            raise ValueError(
                f"{name} は {first} から {first + self.months - 1} までの月にしてください。"
                f"いまの値は {getattr(self, name)!r} です。"
            )
        return index


def make_tables(**settings) -> dict[str, pd.DataFrame]:
    """4つの表を作る。引数は ``Settings`` の項目。時刻はUTC、ほかの日付は日本の暦。"""
    return _make(Settings(**settings), TABLES)


def make_truth(**settings) -> pd.DataFrame:
    """月末に契約中の顧客・月ごとの答え。

    ``churned`` は翌月に解約したか（0か1。最後の月の翌月も含む）、
    ``probability`` は本当の解約確率、
    ``reachable_probability`` は4つの表から分かることだけで計算できる最良の確率。
    """
    return _make(Settings(**settings), ("truth",))["truth"]


def make_spark_tables(spark, **settings) -> dict:
    """4つの表を、Sparkの作業役が分担して作る。中身は ``make_tables`` と同じ。

    ``spark`` はSparkSession。返す表は、読む時に作られる。
    """
    import sys

    from pyspark import cloudpickle

    # 作業役にこのファイルがなくても動くように、関数の中身ごと送る。
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    chosen = Settings(**settings)
    blocks = spark.range(0, chosen.n_customers, BLOCK, max(1, -(-chosen.n_customers // BLOCK)))
    return {
        name: blocks.mapInPandas(_maker(chosen, name), _schema(chosen, name)) for name in TABLES
    }


def _maker(settings: Settings, name: str):
    def make(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            for start in batch["id"]:
                yield _Block(settings, int(start)).tables((name,))[name]

    return make


def _schema(settings: Settings, name: str) -> str:
    """表 ``name`` のSparkでの型。空の表の列から決める。"""
    spark_types = {"int64": "BIGINT", "float64": "DOUBLE", "bool": "BOOLEAN", "object": "STRING"}
    frame = _Block(settings, 0, size=1).tables((name,))[name]
    types = {
        column: "DATE"
        if column in ("month", "started_on", "created_on")
        else spark_types.get(str(dtype), "TIMESTAMP")
        for column, dtype in frame.dtypes.items()
    }
    return ", ".join(f"{column} {kind}" for column, kind in types.items())


def _make(settings: Settings, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    blocks = [
        _Block(settings, start).tables(names) for start in range(0, settings.n_customers, BLOCK)
    ]
    return {name: pd.concat([block[name] for block in blocks], ignore_index=True) for name in names}


class _Block:
    """連続した顧客の一団。``start`` は何人目から作るか（0から）。"""

    def __init__(self, settings: Settings, start: int, size: int = BLOCK) -> None:
        self.settings = settings
        self.start = start
        self.size = min(size, settings.n_customers - start)
        self.customer_id = np.arange(start, start + self.size) + FIRST_CUSTOMER_ID
        self.first_month = np.datetime64(settings.first_month, "M")

    def uniforms(self, purpose: str) -> np.ndarray:
        """0より大きく1より小さい一様乱数。形は (4, 人数)。"""
        digest = hashlib.sha256(purpose.encode()).digest()
        key = np.array([self.settings.seed, int.from_bytes(digest[:8], "little")], dtype=np.uint64)
        counter = np.array([self.start, 0, 0, 0], dtype=np.uint64)
        raw = np.random.Philox(counter=counter, key=key).random_raw(4 * self.size)
        return ((raw >> np.uint64(11)).astype(float) + 0.5).reshape(self.size, 4).T * 2.0**-53

    def tables(self, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
        self._draw_customers()
        frames = {}
        if "customers" in names:
            frames["customers"] = self._customers()
        if set(names) - {"customers"}:
            months = [self._live_month(index) for index in range(self.settings.months)]
            makers = {
                "contracts": self._contracts,
                "usage_monthly": self._usage,
                "support_tickets": self._tickets,
                "truth": self._truth,
            }
            frames |= {name: make(months) for name, make in makers.items() if name in names}
        return frames

    # --- 変わらない性質 -------------------------------------------------------

    def _draw_customers(self) -> None:
        settings = self.settings
        join, tenure, day, household = self.uniforms("join")
        plan, discount, channel, region = self.uniforms("contract")

        mean_life = 1 / settings.churn_rate
        existing = mean_life / (mean_life + settings.months)
        new_month = np.minimum((join - existing) / (1 - existing), 1) * settings.months
        past = np.minimum(1 + np.floor(-np.log(tenure) * mean_life), 48)
        self.joined = np.where(join < existing, -past, np.floor(new_month)).astype(np.int64)
        self.start_day = np.floor(day * 28).astype(np.int64)

        self.plan = _choose(plan, (0.4, 0.4, 0.2))
        self.household = 1 + _choose(household, (0.3, 0.3, 0.2, 0.15, 0.05))
        self.fee = np.take(PLAN_FEES, self.plan) - np.take(
            DISCOUNTS, _choose(discount, (0.5, 0.3, 0.2))
        )
        rise = settings.month_index("price_rise_month")
        if rise is not None:
            self.fee = self.fee + settings.price_rise_yen * (self.joined >= rise)

        self.channel = _choose(channel, (0.35, 0.25, 0.20, 0.20))
        shift = settings.month_index("channel_shift_month")
        if shift is not None:
            shifted = _choose(channel, (0.70, 0.15, 0.08, 0.07))
            self.channel = np.where(self.joined >= shift, shifted, self.channel)
        self.region = _choose(region, (0.12, 0.36, 0.16, 0.18, 0.08, 0.10))

        self.group_b = self.uniforms("ab")[0] < 0.5
        self.base = _normals(self.uniforms("base"))[0]
        self.mood = _normals(self.uniforms("mood"))[0]
        self.alive = np.ones(self.size, dtype=bool)
        self.left = np.full(self.size, -1)  # 解約した月（期間の何か月目か）。続いていれば-1
        self.history: list[np.ndarray] = []  # 直前2か月の注文。契約前は欠損
        self.complaints: list[np.ndarray] = []  # 直前2か月の苦情の有無

    def _live_month(self, index: int) -> dict[str, np.ndarray]:
        """1か月ぶんの利用と問い合わせ、その翌月の解約を決める。"""
        month = str(self.first_month + index)
        active = self.alive & (self.joined <= index)

        self.mood = 0.75 * self.mood + 0.66 * _normals(self.uniforms(f"mood {month}"))[0]
        engagement = 0.6 * self.base + 0.8 * self.mood
        order_chance = 1 / (1 + np.exp(-(0.7 + 0.9 * engagement)))
        orders = (self.uniforms(f"orders {month}") < order_chance).sum(axis=0)
        noise, extra, amount, answer = self.uniforms(f"usage {month}")
        app_chance = 1 / (1 + np.exp(-(0.1 + 0.8 * engagement + 2.4 * (noise - 0.5))))
        app_days = np.floor(31 * app_chance).astype(np.int64)
        add_on = np.where(extra < 0.3, 100 * np.floor(3 + 27 * amount), 0).astype(np.int64)

        ticket, second, first_kind, second_kind = self.uniforms(f"tickets {month}")
        n_tickets = active * ((ticket < 0.13) * (1 + (second < 0.2)))
        kinds = np.stack([_choose(u, (0.3, 0.3, 0.2, 0.2)) for u in (first_kind, second_kind)])
        complained = ((n_tickets >= 1) & (kinds[0] < 2)) | ((n_tickets == 2) & (kinds[1] < 2))

        churn, day, edge, score_draw = self.uniforms(f"churn {month}")
        shares = SCORE_SHARES[complained.astype(int)]
        score = np.minimum((score_draw[:, None] > np.cumsum(shares, axis=1)).sum(axis=1), 4)
        answered = answer < ANSWER_RATES[score]

        log_odds = self._log_odds_without_score(index, orders, app_days, complained)
        by_score = 1 / (1 + np.exp(-(log_odds[:, None] + np.array(SCORE_EFFECTS))))
        probability = np.take_along_axis(by_score, score[:, None], axis=1)[:, 0]
        reachable = probability
        if self.settings.missing_not_at_random:
            silent = shares * (1 - ANSWER_RATES)
            guess = (by_score * silent).sum(axis=1) / silent.sum(axis=1)
            reachable = np.where(answered, probability, guess)

        churned = active & (churn < probability)
        self.left[churned] = index + 1
        self.alive &= ~churned
        self.history = [*self.history[-1:], np.where(active, orders, np.nan)]
        self.complaints = [*self.complaints[-1:], complained]
        return {
            "active": active, "orders": orders, "app_days": app_days, "add_on": add_on,
            "score": score + 1, "answered": answered, "n_tickets": n_tickets, "kinds": kinds,
            "churned": churned, "day": day, "edge": edge,
            "probability": probability, "reachable": reachable,
        }

    def _log_odds_without_score(
        self, index: int, orders: np.ndarray, app_days: np.ndarray, complained: np.ndarray
    ) -> np.ndarray:
        settings = self.settings
        tenure = index - self.joined + 1
        recent_complaint = np.logical_or.reduce([*self.complaints, complained])
        log_odds = (
            INTERCEPT
            + np.log(settings.churn_rate / (1 - settings.churn_rate))
            - np.log(0.12 / 0.88)
            + NEWCOMER * np.exp(-(tenure - 1) / 3)
            + ORDERS * (orders - 2.5)
            + ORDERS_DROP * np.maximum(self._mean_history(orders) - orders, 0)
            + APP_DAYS * (app_days - 15)
            + COMPLAINT * recent_complaint
            + NEWCOMER_COMPLAINT * (recent_complaint & (tenure <= 6))
            + FEE * (self.fee - 5500) / 1000
            + np.take(CHANNEL_EFFECTS, self.channel)
        )
        calendar = int((self.first_month + index).astype(int)) % 12
        log_odds = log_odds + settings.season * np.cos(2 * np.pi * (calendar - 7) / 12)
        rise = settings.month_index("price_rise_month")
        if rise is not None and index >= rise:
            felt = np.where(self.joined < rise, settings.price_rise_yen, 0)
            log_odds = log_odds + 3 * FEE * felt / 1000
        shift = settings.month_index("channel_shift_month")
        if shift is not None and index >= shift:
            log_odds = log_odds + 1.0 * (self.channel == 0)
        start = settings.month_index("ab_start_month")
        if start is not None and index >= start:
            log_odds = log_odds + settings.ab_effect * self.group_b
        return log_odds

    def _mean_history(self, orders: np.ndarray) -> np.ndarray:
        """直前2か月の注文の平均。記録がなければ、今月と同じとみなす。"""
        if not self.history:
            return orders.astype(float)
        past = np.stack(self.history)
        known = ~np.isnan(past)
        total, count = np.where(known, past, 0).sum(axis=0), known.sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), orders)

    # --- 表 -------------------------------------------------------------------

    def _customers(self) -> pd.DataFrame:
        surname, given, birth, phone = self.uniforms("person")
        frame = {"customer_id": self.customer_id}
        if self.settings.pii:
            number = pd.Series(self.customer_id).astype(str)
            frame["name"] = (
                _words(SURNAMES, np.floor(surname * len(SURNAMES)))
                + " "
                + _words(GIVEN_NAMES, np.floor(given * len(GIVEN_NAMES)))
            )
            frame["email"] = "user" + number + "@example.com"
            digits = pd.Series(np.floor(phone * 10_000).astype(np.int64)).astype(str).str.zfill(4)
            frame["phone"] = "000-0000-" + digits
        frame["birth_year"] = 1950 + np.floor(birth * 55).astype(np.int64)
        frame["region"] = _words(REGIONS, self.region)
        frame["household_size"] = self.household
        frame["channel"] = _words(CHANNELS, self.channel)
        return pd.DataFrame(frame)

    def _contracts(self, months: list[dict]) -> pd.DataFrame:
        settings = self.settings
        width, coupon, second, _ = self.uniforms("contract record")
        fees, positions = np.unique(self.fee, return_inverse=True)
        wide = str.maketrans("0123456789", "０１２３４５６７８９")
        written = [str(fee) for fee in fees] + [str(fee).translate(wide) for fee in fees]
        full_width = width < settings.full_width_rate
        frame = {
            "contract_id": self.customer_id + 500_000_000,
            "customer_id": self.customer_id,
            "plan": _words(PLANS, self.plan),
            "monthly_fee": _words(written, positions + len(fees) * full_width),
            "started_on": _dates(self.first_month + self.joined, self.start_day),
            "cancelled_at": self._cancelled_at(months, second),
        }
        if settings.leak:
            cancelled = (self.left >= 0) & (self.left < settings.months)
            frame["retention_coupon"] = coupon < np.where(cancelled, 0.9, 0.02)
        if settings.ab_start_month is not None:
            frame["ab_group"] = _words(("A", "B"), self.group_b)
        return pd.DataFrame(frame)

    def _cancelled_at(self, months: list[dict], second: np.ndarray) -> pd.Series:
        """解約の手続きが終わった時刻（UTC）。期間の後の解約は、まだ記録されていない。"""
        hour = np.timedelta64(3600, "s")
        moments = np.full(self.size, np.datetime64("NaT", "s"))
        for index, month in enumerate(months[:-1]):
            who = month["churned"]
            start = (self.first_month + index + 1).astype("datetime64[s]")
            length = (self.first_month + index + 2).astype("datetime64[s]") - start
            early = month["edge"] < self.settings.month_edge_rate
            # 早朝のまとめ処理は1日の0時〜8時台、ほかは1日の9時から月末まで
            offset = np.where(
                early,
                np.floor(second * 9 * 3600),
                9 * 3600 + np.floor(month["day"] * (length.astype(int) - 9 * 3600)),
            ).astype("timedelta64[s]")
            moments[who] = (start + offset - 9 * hour)[who]
        return pd.Series(moments.astype("datetime64[us]")).dt.tz_localize("UTC")

    def _usage(self, months: list[dict]) -> pd.DataFrame:
        settings = self.settings
        frames = []
        for index, month in enumerate(months):
            name = str(self.first_month + index)
            twice, device, _, _ = self.uniforms(f"usage record {name}")
            known = month["answered"] | (not settings.missing_not_at_random)
            columns = {
                "customer_id": self.customer_id,
                "month": _dates(np.full(self.size, self.first_month + index), 0),
                "orders": month["orders"],
                "app_days" if settings.schema_version == 1 else "active_days": month["app_days"],
                "add_on_yen": month["add_on"],
                "survey_score": np.where(known, month["score"], np.nan),
            }
            if settings.schema_version == 2:
                columns["device"] = _words(("アプリ", "ブラウザー"), device < 0.4)
            copies = month["active"] * (1 + (twice < settings.duplicate_rate))
            frames.append(pd.DataFrame(columns).iloc[np.repeat(np.arange(self.size), copies)])
        return pd.concat(frames, ignore_index=True)

    def _tickets(self, months: list[dict]) -> pd.DataFrame:
        frames = []
        for index, month in enumerate(months):
            days = np.floor(self.uniforms(f"ticket day {self.first_month + index}") * 28)
            for nth in (0, 1):
                who = month["n_tickets"] > nth
                columns = {
                    "ticket_id": (self.customer_id * 120 + index) * 2 + nth,
                    "customer_id": self.customer_id,
                    "created_on": _dates(np.full(self.size, self.first_month + index), days[nth]),
                    "category": _words(CATEGORIES, month["kinds"][nth]),
                }
                frames.append(pd.DataFrame(columns)[who])
        return pd.concat(frames, ignore_index=True)

    def _truth(self, months: list[dict]) -> pd.DataFrame:
        frames = []
        for index, month in enumerate(months):
            columns = {
                "customer_id": self.customer_id,
                "month": _dates(np.full(self.size, self.first_month + index), 0),
                "churned": month["churned"].astype(np.int64),
                "probability": month["probability"],
                "reachable_probability": month["reachable"],
            }
            frames.append(pd.DataFrame(columns)[month["active"]])
        return pd.concat(frames, ignore_index=True)


def _choose(uniform: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """一様乱数を、割合 ``shares`` の番号（0から）に変える。"""
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, side="right")


def _normals(uniforms: np.ndarray) -> np.ndarray:
    """一様乱数を標準正規乱数に変える（ボックス＝ミュラー法）。形は (2, 人数)。"""
    radius = np.sqrt(-2 * np.log(uniforms[:2]))
    return radius * np.cos(2 * np.pi * uniforms[2:])


def _words(words: tuple[str, ...] | list[str], positions: np.ndarray) -> pd.Series:
    return pd.Series(np.array(words, dtype=object)[np.asarray(positions).astype(np.int64)])


def _dates(months: np.ndarray, days: np.ndarray | int) -> pd.Series:
    moments = months.astype("datetime64[D]") + np.asarray(days).astype("timedelta64[D]")
    return pd.Series(moments.astype("datetime64[us]"))


def _parse_month(name: str, value: object) -> np.datetime64:
    try:
        if not isinstance(value, str) or len(value) != len("2025-04"):
            raise ValueError
        return np.datetime64(value, "M")
    except ValueError:
        raise ValueError(
            f"{name} は '2025-04' のような年と月にしてください。いまの値は {value!r} です。"
        ) from None


def _check_number(name: str, value: object, kinds: tuple, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        what = "整数" if float not in kinds else "数"
        raise ValueError(
            f"{name} は {low} 以上 {high} 以下の{what}にしてください。いまの値は {value!r} です。"
        )
