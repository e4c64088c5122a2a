# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: CI/CDとバンドル

# %% [markdown]
# 始まる時刻を6つにし、待つタスクの名前を直し、`score`に環境の名前を書きます。

# %% 解答 1
fixed_job = (
    delay_job.replace("0 7 * * *", "0 0 7 * * ?")
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# 食い違いを、待つのをやめて消しています。
# `check_bundle`は通りますが、表ができる前に予測が始まります。

# %% 誤答 1
fixed_job = (
    delay_job.replace("0 7 * * *", "0 0 7 * * ?")
    .replace("          depends_on: [{task_key: feature}]\n", "")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# 5つの後ろに`?`を足しています。
# 数は合いますが、秒が0、分が7になり、毎時7分に動きます。

# %% 誤答 1b
fixed_job = (
    delay_job.replace("0 7 * * *", "0 7 * * * ?")
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# `score`の環境の名前が、まだありません。
# ノートブックのタスクなら省けますが、スクリプトのタスクでは必要です。

# %% 誤答 1c
fixed_job = delay_job.replace("0 7 * * *", "0 0 7 * * ?").replace(
    "{task_key: feature}", "{task_key: features}"
)

# %% [markdown]
# 7時をUTCに直そうとして、時間帯まで替えています。
# `timezone_id`があるので、日本時間のまま書けます。

# %% 誤答 1d
fixed_job = (
    delay_job.replace('"0 7 * * *", timezone_id: Asia/Tokyo', '"0 0 22 * * ?", timezone_id: UTC')
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% 別解 1
fixed_job = """
resources:
  jobs:
    delays:
      name: late_deliveries
      schedule: {timezone_id: Asia/Tokyo, quartz_cron_expression: "0 0 7 ? * * *"}
      tasks:
        - task_key: features
          environment_key: lesson
          spark_python_task:
            python_file: ../src/features.py
        - task_key: score
          environment_key: lesson
          depends_on:
            - task_key: features
          spark_python_task:
            python_file: ../src/score.py
      environments: [{environment_key: lesson, spec: {environment_version: '6'}}]
"""

# %% 別解 1b
_parsed = yaml.safe_load(delay_job)
_delays = _parsed["resources"]["jobs"]["delays"]
_delays["schedule"]["quartz_cron_expression"] = "00 00 07 * * ?"
_delays["tasks"][1]["depends_on"][0]["task_key"] = "features"
_delays["tasks"][1]["environment_key"] = "lesson"
fixed_job = yaml.safe_dump(_parsed, allow_unicode=True)

# %% [markdown]
# 曜日の名前は、小文字でも書けます。


# %% 別解 1c
fixed_job = (
    delay_job.replace("0 7 * * *", "0 0 7 ? * mon-sun")
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# 7つの曜日を、1つずつ並べる書き方です。


# %% 別解 1d
fixed_job = (
    delay_job.replace("0 7 * * *", "0 0 7 ? * MON,TUE,WED,THU,FRI,SAT,SUN")
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# 土日は配送が休みだと考えて、平日だけにしています。
# 問題は毎朝なので、7つの曜日がそろいません。


# %% 誤答 1e
fixed_job = (
    delay_job.replace("0 7 * * *", "0 0 7 ? * MON-FRI")
    .replace("{task_key: feature}", "{task_key: features}")
    .replace("../src/score.py}\n", "../src/score.py}\n          environment_key: lesson\n")
)

# %% [markdown]
# ファイルと小さな表だけで分かるもの（A、C、G、H）は、提案の段に置きます。
# Gで見つかったトークンは、ファイルから消すだけでなく、無効にします。
# サーバーレスで動かすDには`dev`の鍵が、本番の権限を見るEには本番の鍵が必要です。
# 今月の表や答えを使うBとFは、毎月の段でしか調べられません。

# %% 解答 2
stages = {
    "A": "提案", "B": "毎月", "C": "提案", "D": "main",
    "E": "タグ", "F": "毎月", "G": "提案", "H": "提案",
}  # fmt: skip

# %% [markdown]
# ゲートはコードなので、候補の審査も提案の段に置いています。
# 提案の段で調べられるのは、ゲートの関数が正しく断るかまでです。
# 今月の候補は、まだありません。

# %% 誤答 2
stages = {
    "A": "提案", "B": "提案", "C": "提案", "D": "main",
    "E": "タグ", "F": "毎月", "G": "提案", "H": "提案",
}  # fmt: skip

# %% [markdown]
# 事故は本番で起きたので、時刻の検査を本番に出す段に置いています。
# 時刻も時間帯もファイルに書いてあるので、提案の段で分かります。

# %% 誤答 2b
stages = {
    "A": "提案", "B": "毎月", "C": "提案", "D": "main",
    "E": "タグ", "F": "毎月", "G": "提案", "H": "タグ",
}  # fmt: skip

# %% [markdown]
# 試しに動かす検査を、`dev`ではなく本番に出す段に置いています。
# 動かなければ、本番で初めて止まります。

# %% 誤答 2c
stages = {
    "A": "提案", "B": "毎月", "C": "提案", "D": "タグ",
    "E": "タグ", "F": "毎月", "G": "提案", "H": "提案",
}  # fmt: skip

# %% 別解 2
stages = dict(zip("ABCDEFGH", "提案 毎月 提案 main タグ 毎月 提案 提案".split(), strict=True))

# %% 別解 2b
stages = dict.fromkeys("ACGH", "提案") | dict.fromkeys("BF", "毎月") | {"D": "main", "E": "タグ"}

# %% [markdown]
# 先のタスクがすべて終わったものを、終わったものに加えることを繰り返します。
# 1つも加わらなければ、輪になっているか、ないタスクを待っています。


# %% 解答 3
def run_order(tasks):
    waiting = {t["task_key"]: [d["task_key"] for d in t.get("depends_on", [])] for t in tasks}
    done = []
    while len(done) < len(waiting):
        ready = [
            name
            for name, needs in waiting.items()
            if name not in done and all(one in done for one in needs)
        ]
        if not ready:
            return None
        done += ready
    return done


# %% [markdown]
# ファイルに書いた順を、そのまま返しています。
# 逆に書いたジョブでは、待つはずのタスクより先に動きます。


# %% 誤答 3
def run_order(tasks):
    return [task["task_key"] for task in tasks]


# %% [markdown]
# 待つタスクの少ない順に並べています。
# 待つ数が少なくても、長い列の最後にいることがあります。


# %% 誤答 3b
def run_order(tasks):
    names = {task["task_key"] for task in tasks}
    if any(one["task_key"] not in names for task in tasks for one in task.get("depends_on", [])):
        return None
    return [
        task["task_key"] for task in sorted(tasks, key=lambda task: len(task.get("depends_on", [])))
    ]


# %% [markdown]
# 進めなくなったときに、それまでの順を返しています。
# 輪の中のタスクが、何も言わずに消えます。


# %% 誤答 3c
def run_order(tasks):
    done = []
    for _ in tasks:
        for task in tasks:
            needs = [one["task_key"] for one in task.get("depends_on", [])]
            if task["task_key"] not in done and set(needs) <= set(done):
                done.append(task["task_key"])
    return done


# %% [markdown]
# 全部が終わるまで、を条件にしています。
# 輪になっていると、いつまでも終わりません。


# %% 誤答 3d
def run_order(tasks):
    done = []
    while len(done) < len(tasks):
        for task in tasks:
            needs = [one["task_key"] for one in task.get("depends_on", [])]
            if task["task_key"] not in done and set(needs) <= set(done):
                done.append(task["task_key"])
    return done


# %% 別解 3
def run_order(tasks):
    from graphlib import CycleError, TopologicalSorter

    graph = {t["task_key"]: [d["task_key"] for d in t.get("depends_on", [])] for t in tasks}
    if any(one not in graph for needs in graph.values() for one in needs):
        return None
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return None


# %% 別解 3b
def run_order(tasks):
    needs = {t["task_key"]: {d["task_key"] for d in t.get("depends_on") or ()} for t in tasks}
    order, visiting = [], set()

    def visit(name):
        if name in order:
            return True
        if name in visiting or name not in needs:
            return False
        visiting.add(name)
        if not all([visit(one) for one in needs[name]]):
            return False
        order.append(name)
        return True

    return tuple(order) if all([visit(name) for name in needs]) else None


# %% [markdown]
# ターゲットごとに名前を1つ求め、2つ以上あるものを選びます。


# %% 解答 4
def shared_schemas(config):
    places = []
    for place in config["targets"].values():
        given = place.get("variables", {})
        catalog, schema = (
            given.get(name, config["variables"][name].get("default"))
            for name in ("catalog", "schema")
        )
        places.append(f"{catalog}.{schema}")
    return sorted({place for place in places if places.count(place) > 1})


# %% [markdown]
# スキーマの名前だけを比べています。
# カタログが違えば、同じ名前のスキーマでも、別の場所です。


# %% 誤答 4
def shared_schemas(config):
    default = config["variables"]
    places = []
    for place in config["targets"].values():
        given = place.get("variables", {})
        schema = given.get("schema", default["schema"].get("default"))
        places.append(schema)
    catalog = default["catalog"].get("default")
    return sorted({f"{catalog}.{place}" for place in places if places.count(place) > 1})


# %% [markdown]
# どのターゲットにも、既定の値を使っています。
# ターゲットが替えた値を見ていないので、いつも同じ場所になります。


# %% 誤答 4b
def shared_schemas(config):
    catalog, schema = (config["variables"][name].get("default") for name in ("catalog", "schema"))
    return [f"{catalog}.{schema}"] if len(config["targets"]) > 1 else []


# %% [markdown]
# ターゲットの値だけを比べています。
# 値を書いていないターゲットは、既定の値の場所に書きます。


# %% 誤答 4c
def shared_schemas(config):
    places = [
        f"{place['variables'].get('catalog')}.{place['variables'].get('schema')}"
        for place in config["targets"].values()
        if "variables" in place
    ]
    return sorted({place for place in places if places.count(place) > 1})


# %% 別解 4
def shared_schemas(config):
    from collections import Counter

    defaults = {name: one.get("default") for name, one in config["variables"].items()}
    found = Counter(
        "{catalog}.{schema}".format(**defaults | place.get("variables", {}))
        for place in config["targets"].values()
    )
    return [name for name, count in found.items() if count > 1]


# %% 別解 4b
def shared_schemas(config):
    seen, twice = set(), set()
    for place in config["targets"].values():
        parts = []
        for name in ("catalog", "schema"):
            if name in place.get("variables", {}):
                parts.append(place["variables"][name])
            else:
                parts.append(config["variables"][name]["default"])
        full = ".".join(parts)
        (twice if full in seen else seen).add(full)
    return twice


# %% 裏付け
assert check_bundle(files) == []
assert all(check_bundle(broken(name)) for name in BREAKS) and len(BREAKS) == 8
assert all(files[path].count(before) for path, before, _ in BREAKS.values())
unread = [name for name in BREAKS if check_bundle(broken(name))[0].startswith("YAMLを読め")]
assert unread == ["字下げがずれる"]

# %% 裏付け
assert check_bundle(early) == []
assert wrong_months(files) == [] and len(wrong_months(early)) == 12

# %% 裏付け
assert state() == before == {"churn_features": 1, "predictions": 1, "ops_log": 6, "モデル": 1}

# %% 裏付け
assert list(ci["jobs"]) == ["test", "deploy-dev", "deploy-prod"]
assert all(ci["jobs"][name]["needs"] == "test" for name in ("deploy-dev", "deploy-prod"))
assert "env" not in ci["jobs"]["test"]
assert len(check_bundle(files | {JOB: delay_job})) == 3

# %% 裏付け
ranked = spark.table("ops_log").where("month = '2027-05'").toPandas().set_index("task")["result"]
assert ranked["outcomes"] == "学習し直す" and ranked["gate"] == "昇格" and len(ranked) == 6
