"""レッスン42の答えを判定する。"""

import copy
from unittest import mock

import yaml
from bundle_check import check_bundle
from bundle_project import order, read_files

from checks import Exercises, function, functions, mapping, retry, sequence, text, word

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

JOB = "resources/monthly.job.yml"
DELAY = {
    "name": "late_deliveries",
    "tasks": [
        {
            "task_key": "features",
            "spark_python_task": {"python_file": "../src/features.py"},
            "environment_key": "lesson",
        },
        {
            "task_key": "score",
            "depends_on": [{"task_key": "features"}],
            "spark_python_task": {"python_file": "../src/score.py"},
            "environment_key": "lesson",
        },
    ],
    "environments": [{"environment_key": "lesson", "spec": {"environment_version": "6"}}],
}
# 月と曜日の名前（Quartzでは、1月も日曜日も1番）
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
DAYS = "SUN MON TUE WED THU FRI SAT".split()


@check.judge(1)
def _(fixed_job):
    written = text(fixed_job)
    try:
        whole = yaml.safe_load(written)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        retry(
            f"`fixed_job`をYAMLとして読めません（{line}行目のあたり）。字下げと引用符を見てください。"
        )
    job = _only_job(whole)
    schedule = job.pop("schedule", None)
    if not isinstance(schedule, dict) or schedule.get("timezone_id") != "Asia/Tokyo":
        retry("`schedule`に、日本時間の`timezone_id`を残します。")
    _check_cron(str(schedule.get("quartz_cron_expression", "")).split())
    _check_tasks(job)
    if job.get("environments") != DELAY["environments"]:
        retry("`environments`が、元と違います。環境の名前は`lesson`、バージョンは文字列の6です。")
    if job != DELAY or set(schedule) != {"quartz_cron_expression", "timezone_id"}:
        retry("3か所のほかにも、変わった所があります。元の`delay_job`と見比べてください。")
    if problems := check_bundle(read_files() | {JOB: written}):
        retry(f"`check_bundle`が、まだ見つけます。{problems[0]}。")
    return "3つとも、YAMLとしては正しく読める間違いでした。"


def _only_job(whole):
    try:
        job = whole["resources"]["jobs"]["delays"]
        return copy.deepcopy(dict(job))
    except (KeyError, TypeError, ValueError):
        retry("`resources`、`jobs`、`delays`の入れ子が、元と違います。字下げを見てください。")


def _check_cron(fields):
    if len(fields) not in (6, 7):
        retry(f"始まる時刻が{len(fields)}つに分かれます。秒、分、時、日、月、曜日の6つを並べます。")
    if (fields[3] == "?") == (fields[5] == "?"):
        retry("日と曜日は、使わない片方だけを`?`にします。")
    second, minute, hour, *days = fields[:6]
    day, month, weekday = days[0].replace("?", "*"), days[1], days[2].replace("?", "*")
    if [second.lstrip("0"), minute.lstrip("0"), hour.lstrip("0")] != ["", "", "7"]:
        retry("始まる時刻が、7時0分0秒になっていません。6つの順は、秒、分、時、日、月、曜日です。")
    if not (_is_every(day, 31) and _is_every(month, 12, MONTHS) and _is_every(weekday, 7, DAYS)):
        retry("毎朝動くように、日、月、曜日を書きます。")
    if fields[6:] not in ([], ["*"]):
        retry("7つ目は年です。毎年動くように、書かないか、`*`にします。")


def _is_every(field, last, names=()):
    """Quartzの1つの欄が、1から ``last`` のすべてに当てはまるか。名前の大文字と小文字は区別しない。"""
    numbers = {str(number): number for number in range(1, last + 1)}
    numbers |= {name: number for number, name in enumerate(names, 1)}
    found = set()
    for part in field.upper().split(","):
        span, _, step = part.partition("/")
        first, _, end = span.replace("*", f"1-{last}").partition("-")
        end = end or (str(last) if step else first)
        if first not in numbers or end not in numbers or step not in {"", "1"}:
            return False
        start, stop = numbers[first], numbers[end]
        stop += last if stop < start else 0  # 金曜から木曜のように、終わりをまたぐ
        found |= {(number - 1) % last for number in range(start, stop + 1)}
    return len(found) == last


def _check_tasks(job):
    tasks = job.get("tasks")
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        retry("`tasks`の形が、元と違います。字下げと`-`を見てください。")
    if sorted(str(task.get("task_key")) for task in tasks) != ["features", "score"]:
        retry("タスクの名前は、`features`と`score`のまま、2つとも残します。")
    job["tasks"] = features, score = sorted(tasks, key=lambda task: task["task_key"])
    if score.get("depends_on") != [{"task_key": "features"}]:
        retry("`score`が先に待つタスクの名前を見てください。待つことは、やめません。")
    for task in (features, score):
        if task.get("environment_key") != "lesson":
            retry(f"`{task['task_key']}`の`environment_key`を見てください。")
    for task, right in zip((features, score), DELAY["tasks"], strict=True):
        if task != right:
            retry(f"`{task['task_key']}`の、直さなくてよい所が変わっています。")


# --- 練習2 --------------------------------------------------------------------

PROPOSE, MERGE, TAG, MONTHLY = "提案", "main", "タグ", "毎月"
STAGES = {
    "A": PROPOSE, "B": MONTHLY, "C": PROPOSE, "D": MERGE,
    "E": TAG, "F": MONTHLY, "G": PROPOSE, "H": PROPOSE,
}  # fmt: skip
OTHER_NAMES = {"プルリクエスト": PROPOSE, "PR": PROPOSE, "番号": TAG}
LOOK = {
    "A": "壊した候補は、小さな表で作れます。ワークスペースは必要ですか。",
    "B": "「今月の候補」は、いつ、どの行から作られますか。",
    "C": "`depends_on`は、ファイルに書いてあります。",
    "D": "サーバーレスで動かすには、何の鍵が必要ですか。本番で試す必要はありますか。",
    "E": "本番のスキーマの権限は、`dev`の鍵では分かりません。毎月まで待つ必要もありません。",
    "F": "「今月の月額」は、コードを直した日に、もうありますか。",
    "G": "ファイルの文字を探すだけで分かります。後の段で見つけるほど、見た人が増えています。",
    "H": "`wrong_months`が読んだのは、ファイルに書いた時刻と時間帯だけです。",
}


@check.judge(2)
def _(stages):
    options = [PROPOSE, MERGE, TAG, MONTHLY]
    given = mapping(stages, list(STAGES), lambda part: word(part, options, OTHER_NAMES))
    wrong = [name for name, right in STAGES.items() if given[name] != right]
    if wrong:
        name = wrong[0]
        early = options.index(given[name]) < options.index(STAGES[name])
        said = "必要なものが、その段にはまだありません。" if early else "もっと早い段で調べられます。"
        retry(f"`{name}`を見てください。{said}{LOOK[name]}")
    return "早い段で分かることは、早い段で調べます。本番の鍵や今月のデータが要るものだけが、後に残ります。"


# --- 練習3 --------------------------------------------------------------------


def _tasks(**needs):
    """名前 → 待つタスクの並び（空白区切り）。``None`` なら ``depends_on`` のないタスク。"""
    return [
        {"task_key": name}
        | ({} if before is None else {"depends_on": [{"task_key": one} for one in before.split()]})
        for name, before in needs.items()
    ]


ORDERS = {
    "順に並んだ3つ": _tasks(features=None, train="features", score="train"),
    "逆に書いた3つ": _tasks(score="train", train="features", features=None),
    "分かれて集まる5つ": _tasks(
        score="gate", gate="inputs outcomes", outcomes="features", inputs="features", features=None
    ),
    "つながりのない2つ": _tasks(left="", right=None),
    "1つも待たない1つ": _tasks(alone=None),
    "近道のある4つ": _tasks(d="a c", c="b", b="a", a=None),
    "2つの輪": _tasks(first="second", second="first"),
    "始まりのある輪": _tasks(start=None, left="start right", right="left"),
    "自分を待つ1つ": _tasks(alone="alone"),
    "ないタスクを待つ": _tasks(train="feature", features=None),
}


SECONDS = 5  # 輪の中を回り続ける答えを待つ長さ


@check.judge(3)
def _(run_order):
    call = function(run_order, ["tasks"])
    for name, tasks in ORDERS.items():
        said = f"run_order（{name}）"
        with mock.patch.object(functions, "LIMIT", SECONDS):
            reply = call(tasks, said=said)
        if call.received[0] != tasks:
            retry(f"`{said}`が、渡された`tasks`を書き換えます。")
        try:
            order(tasks)
        except ValueError:
            if reply.value is not None:
                missing = "ない" in name
                why = (
                    "存在しないタスクを指しています"
                    if missing
                    else "輪になっていて、最後まで動かせません"
                )
                retry(f"`{said}`は`None`を返します。{why}。")
            continue
        if reply.value is None:
            retry(f"`{said}`が`None`です。動かせる順があります。`return`も見てください。")
        _check_order(said, sequence(reply, of=text), tasks)
    return "ジョブも手元の`run_job`も、この順にタスクを動かします。"


def _check_order(said, found, tasks):
    names = [task["task_key"] for task in tasks]
    if sorted(found) != sorted(names):
        lost = [name for name in names if name not in found]
        if lost:
            retry(f"`{said}`の結果に、`{lost[0]}`がありません。")
        retry(f"`{said}`の結果に、同じタスクが2度あるか、知らない名前があります。")
    for task in tasks:
        for one in task.get("depends_on", []):
            if found.index(one["task_key"]) > found.index(task["task_key"]):
                retry(f"`{said}`で、`{task['task_key']}`が、待つはずのタスクより先に動きます。")


# --- 練習4 --------------------------------------------------------------------


def _config(catalog, schema, **targets):
    defaults = {"catalog": catalog, "schema": schema}
    variables = {
        name: {"description": "書き込み先"} | ({} if value is None else {"default": value})
        for name, value in defaults.items()
    }
    places = {
        name: {"mode": "development"} | ({"variables": given} if given else {})
        for name, given in targets.items()
    }
    return {"variables": variables, "targets": places}


CONFIGS = {
    "スキーマが違う": _config(
        "workspace", None, dev={"schema": "churn_dev"}, prod={"schema": "churn"}
    ),
    "同じスキーマ": _config("workspace", None, dev={"schema": "churn"}, prod={"schema": "churn"}),
    "カタログが違う": _config("main", "churn", dev={"catalog": "sandbox"}, prod={}),
    "既定と同じ値": _config("workspace", "churn", dev={"schema": "churn"}, prod={}),
    "どちらも既定": _config("workspace", "churn", dev={}, prod={}),
    "3つの場所": _config(
        "workspace", "churn", dev={"schema": "churn_dev"}, test={"schema": "churn_dev"}, prod={}
    ),
    "3つとも同じ": _config("workspace", "churn", dev={}, test={}, prod={}),
    "両方が違う": _config(
        None, None,
        dev={"catalog": "a", "schema": "b"}, prod={"catalog": "b", "schema": "a"},
    ),
    "2組が同じ": _config(
        "workspace", "churn",
        dev={"schema": "x"}, mine={"schema": "x"}, test={"catalog": "main"},
        prod={"catalog": "main", "schema": "churn"},
    ),
}  # fmt: skip


def _places(config):
    found = []
    for place in config["targets"].values():
        given = place.get("variables", {})
        values = [
            given.get(name, config["variables"][name].get("default"))
            for name in ("catalog", "schema")
        ]
        found.append(".".join(values))
    return found


@check.judge(4)
def _(shared_schemas):
    call = function(shared_schemas, ["config"])
    for name, config in CONFIGS.items():
        said = f"shared_schemas（{name}）"
        places = _places(config)
        right = {place for place in places if places.count(place) > 1}
        reply = call(config, said=said)
        if call.received[0] != config:
            retry(f"`{said}`が、渡された`config`を書き換えます。")
        found = sequence(reply, of=text, ordered=False, empty=True)
        if set(found) == right and len(found) == len(right):
            continue
        if set(found) == right:
            retry(f"`{said}`に、同じ名前が2度入ります。1つの名前は1度だけ返します。")
        _explain(said, set(found), right, places)
    return "試す場所が本番の表を書き換える事故を、出す前に止められます。"


def _explain(said, found, right, places):
    unknown = found - {*places}
    if unknown:
        retry(
            f"`{said}`の結果に、どのターゲットも書かない名前があります。"
            "「カタログ.スキーマ」の形か、既定の値とターゲットの値のどちらを使うかを見てください。"
        )
    if found - right:
        retry(
            f"`{said}`で、1つのターゲットしか書かない名前を返します。カタログとスキーマの両方を比べます。"
        )
    retry(
        f"`{said}`で、2つのターゲットが書く名前を見落とします。"
        "ターゲットに値がない変数は、既定の値になります。"
    )
