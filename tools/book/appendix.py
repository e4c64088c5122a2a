"""book/ の文書に差し込む、表と一覧を作る。"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from functools import partial
from itertools import accumulate
from pathlib import Path

from nbformat import NotebookNode

from tools.book import BookError, cover
from tools.book.markup import badge_list, inline, labelled, verbatim
from tools.book.scale_table import scale_table
from tools.book.trials_table import trials_table
from tools.course import legs, site
from tools.course.files import read_yaml
from tools.course.lesson import SELF_STUDY, heading_of, link_lessons
from tools.course.times import Times, advanced_hours, course_totals, totals

REPRODUCED = "再現して確かめたもの"
DOCUMENTED = "文書で確かめたもの（再現していません）"

RESTS = ("休憩", "昼休み")
LATIN = "英字"
ROWS = {  # 「・」は、五十音表の空き
    "あ行": "あいうえお",
    "か行": "かきくけこ",
    "さ行": "さしすせそ",
    "た行": "たちつてと",
    "な行": "なにぬねの",
    "は行": "はひふへほ",
    "ま行": "まみむめも",
    "や行": "や・ゆ・よ",
    "ら行": "らりるれろ",
    "わ行": "わ・・・をん",
}
VOWELS = list(zip(*ROWS.values(), strict=False))  # あ段からお段まで。「ん」は段の外
SMALL = dict(zip("ぁぃぅぇぉっゃゅょ", "あいうえおつやゆよ", strict=True))


def fill(text: str, root: Path, lessons: dict[str, NotebookNode], times: dict[str, Times]) -> str:
    """「<!-- 生成: 名前 引数 -->」を、その名前の表や一覧に、「{{ 名前 }}」を公開先の住所に置き換える。

    「[[NN_題]]」は、その授業へのリンクにする。授業がまだ無ければ、その行ごと落とす。
    """
    makers = {
        "見本": partial(cover.specimen, lessons),
        "最初の授業": partial(cover.first_lesson, lessons, times),
        "表紙の札": partial(cover.facts, times),
        "授業": partial(course_list, times),
        "全体の時間": partial(course_hours, times),
        "授業の時間": partial(times_table, times),
        "時間割": partial(timetable, times),
        "認定試験": partial(exam_table, root / "book" / "exams.yml", lessons),
        "用語集": partial(glossary, root / "book" / "glossary.yml"),
        "出典": partial(sources, root, lessons),
        "書き換え": partial(rewrites, root / "book" / "serverless.yml"),
        "困りごと": partial(troubles, root / "book" / "troubles.yml"),
        "検証状況": partial(verification, lessons),
        "規模": partial(scale_table, root / "book" / "scale.json"),
        "くり返し": partial(trials_table, root / "book" / "trials.json"),
    }

    def replace(match: re.Match) -> str:
        name, *arguments = match[1].split()
        if name not in makers:
            raise BookError(f"差し込むものの名前が分かりません: {name}")
        return makers[name](*arguments)

    for name, address in site.ADDRESSES.items():
        text = text.replace(f"{{{{ {name} }}}}", address())
    text = link_lessons(text, {name: f"[](lessons/{name}.ipynb)" for name in lessons})
    return re.sub(r"<!-- 生成: (.+?) -->", replace, text)


def course_list(times: dict[str, Times], first: str) -> str:
    """番号が first の数字のどれかで始まる授業の一覧と、数と分の合計。"""
    block = {name: found for name, found in times.items() if name[0] in first}
    in_class, self_study = totals(block.values())
    lines = [
        '<div class="course">',
        f'<p class="minutes">{len(block)}授業、教室{in_class}分、自習{self_study}分</p>',
        "",
        *[f"- [](lessons/{name}.ipynb)（{'、'.join(one.labels)}）" for name, one in block.items()],
        "",
        "</div>",
    ]
    return "\n".join(lines)


def course_hours(times: dict[str, Times]) -> str:
    """3つの部を合わせた時間と、別に数える発展の時間を言う文。"""
    in_class, self_study = course_totals(times)
    said = f"教室で{in_class / 60:g}時間、練習まで全部解くと約{self_study / 60:.0f}時間です。"
    more = advanced_hours(times)
    return f"{said}\n発展は別に数え、全部解くとさらに{more}です。" if more else said


def times_table(times: dict[str, Times]) -> str:
    """教室で扱う授業の、教室の分、自習の分、印の無い部分の分の表。"""
    lines = [f"| 授業 | 教室 | 自習 | {SELF_STUDY}の無い部分 |", "|---|---:|---:|---:|"]
    lines += [
        f"| [](lessons/{name}.ipynb) | {one.in_class}分 | {one.self_study}分 | {one.unmarked:.1f}分 |"
        for name, one in times.items()
        if one.in_class
    ]
    return "\n".join(lines)


def timetable(times: dict[str, Times], title: str, *stops: str) -> str:
    """授業の番号と「休憩10」を順に並べた日の節。始めてからの分と、合わせた分の表を持つ。

    まだ無い授業は飛ばし、前後に何もなくなった休憩も除く。授業が1つも無ければ、節ごと空になる。
    """
    rows: list[tuple[str, int]] = []
    for stop in stops:
        name = next((one for one in times if one.startswith(f"{stop}_")), None)
        if name is not None:
            rows.append((f"[](lessons/{name}.ipynb)", times[name].in_class or 0))
        elif other := re.fullmatch(r"(\D+)(\d+)", stop):
            if rows and not (other[1] in RESTS and rows[-1][0] in RESTS):
                rows.append((other[1], int(other[2])))
    if rows and rows[-1][0] in RESTS:
        rows.pop()
    starts = accumulate((minutes for _, minutes in rows), initial=0)
    lines = [f"### {title}", "", "| 始めてから | すること | 分 |", "|---:|---|---:|"]
    lines += [
        f"| {start}分 | {what} | {minutes}分 |"
        for start, (what, minutes) in zip(starts, rows, strict=False)
    ]
    total = sum(minutes for _, minutes in rows)
    return "\n".join([*lines, f"| {total}分 | 終わり | |"]) if rows else ""


def exam_table(path: Path, lessons: dict[str, NotebookNode], exam: str) -> str:
    """認定試験 ``exam`` の領域と題材に、この本の授業を対応させた表。まだ無い授業は載せない。"""
    (found,) = [one for one in read_yaml(path) if one["exam"] == exam]
    lines = ["| 領域 | 題材 | この本の授業 |", "|---|---|---|"]
    for domain in found["domains"]:
        for number, topic in enumerate(domain["topics"]):
            links = [f"[](lessons/{name}.ipynb)" for name in topic["lessons"] if name in lessons]
            where = "、".join(links) or "扱いません"
            note = f"（{topic['note']}）" if "note" in topic and links else ""
            area = "" if number else f"{domain['name']}（{domain['share']}%）"
            lines.append(f"| {area} | {topic['topic']} | {where}{note} |")
    return "\n".join(lines)


def glossary_entries(path: Path) -> dict[str, str]:
    """{用語: 用語集での見出し}。"""
    return {
        one["ja"]: one["ja"] if one["ja"] == one["en"] else f"{one['ja']}（{one['en']}）"
        for one in read_yaml(path)
    }


def glossary(path: Path) -> str:
    """五十音順に並べた、用語と別名と定義の一覧。英字で始まる用語は、終わりにアルファベット順で置く。"""
    headings = glossary_entries(path)
    rows: dict[str, list[str]] = {row: [] for row in (*ROWS, LATIN)}
    for entry in sorted(read_yaml(path), key=lambda one: collation(reading(one))):
        text = entry["definition"].strip()
        if "aliases" in entry:
            text += fine_print(f"別名: {'、'.join(entry['aliases'])}")
        rows[row_of(reading(entry))] += [headings[entry["ja"]], textwrap.indent(text, "  "), ""]
    shown = {row: lines for row, lines in rows.items() if lines}
    index = " ".join(
        f"[{row.removesuffix('行')}](#words-{number})" for number, row in enumerate(shown)
    )
    parts = [f'<nav class="kana" aria-label="よみの行から探す">\n\n{index}\n\n</nav>']
    for number, (row, lines) in enumerate(shown.items()):
        parts.append(f"(words-{number})=\n## {row}")
        parts.append("\n".join(["```{glossary}", *lines, "```"]))
    return "\n\n".join(parts)


def fine_print(text: str, indent: str = "") -> str:
    """前の文の次の行に、小さな字で添えるもの。"""
    return f'\\\n{indent}<span class="fine-print">{text}</span>'


def reading(entry: dict) -> str:
    """用語のよみ。漢字の無い用語では、用語そのもの。"""
    return entry.get("yomi", entry["ja"])


def collation(text: str) -> str:
    """五十音順に並べるための鍵。濁点と小さな字は同じ字とみなし、「ー」は前の字の母音に直す。"""
    found = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        kana = chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter
        if kana == "ー" and found:
            kana = next((row[0] for row in VOWELS if found[-1] in row), "")
        if not unicodedata.combining(kana):
            found += SMALL.get(kana, kana)
    return found


def row_of(text: str) -> str:
    """よみの始まりの字が入る行の名前。"""
    first = collation(text)[0]
    return next((name for name, letters in ROWS.items() if first in letters), LATIN)


def sources(root: Path, lessons: dict[str, NotebookNode]) -> str:
    """使っている授業とページごとの、事実と出典と確認日の一覧。授業は番号の順で、先に置く。"""
    facts = read_yaml(root / "book" / "sources.yml")
    titles = {name[:2]: cover.title(notebook) for name, notebook in lessons.items()}
    for page in sorted((root / "book").glob("*.md")):
        titles[page.stem] = heading_of(page.read_text(encoding="utf-8"))
    lines = []
    for place, title in titles.items():
        found = [one for one in facts if place in one["where"]]
        if found:
            lines.append(f"\n## {title}\n")
        lines += [
            f"- {one['fact']}"
            + fine_print(f"出典: {one['source']}。確認日: {one['checked']}", "  ")
            for one in found
        ]
    return "\n".join(lines)


def troubles(path: Path) -> str:
    """エラーの文から引く、困りごとと直し方。"""
    lines = []
    for group in read_yaml(path):
        lines.append(f"## {group['group']}")
        for one in group["entries"]:
            evidence = DOCUMENTED if "documented" in one else REPRODUCED
            lines += [
                f"### {one['title']}",
                badge_list("出る場所と、確かめ方", [*one["where"], evidence]),
                error_text(one["error"]) if "error" in one else "",
                one["meaning"],
                "\n".join(f"1. {step}" for step in one["steps"]),
                f"出典: {one['documented']}。" if "documented" in one else "",
            ]
    return "\n\n".join(filter(None, lines))


def error_text(text: str) -> str:
    """画面に出る文。長い行は折り返し、文の中の記号はそのまま見せる。"""
    lines = verbatim(text.strip()).replace("\n", "<br>")
    return f'<p class="reply rejected">{lines}</p>'


def rewrites(path: Path, part: str) -> str:
    """動かない書き方と動く書き方の組。part は setup（先に実行するコード）か、組の並びの名前。"""
    data = read_yaml(path)
    if part == "setup":
        return f"```python\n{data['setup']}```"
    return "\n\n".join(map(rewrite, data[part]))


def rewrite(pair: dict) -> str:
    """組一つの節。"""
    if "error" in pair:
        remote = labelled("rejected", "Databricksの表示", verbatim(pair["error"]))
    else:
        remote = labelled("rejected", "Databricksでは", inline(pair["happens"]))
    if "fails_locally" in pair:
        local = labelled("rejected", "手元の表示", verbatim(pair["fails_locally"]))
    else:
        local = labelled("accepted", "手元では", inline(f"止まりません。{pair['passes_locally']}"))
    parts = [f"(rewrite-{pair['id']})=\n### {pair['title']}", pair["text"]]
    parts += ["**直す前**", f"```python\n{pair['left']}```", remote, local]
    parts += ["**直した後**", f"```python\n{pair['right']}```"]
    if "source" in pair:
        parts.append(f"出典: {pair['source']}。{pair['checked']}に確認。")
    return "\n\n".join(parts)


def verification(lessons: dict[str, NotebookNode]) -> str:
    """授業と動かした場所の表。場所ごとに、最後まで動いた日。"""
    places = list(legs.LEGS.values())
    recorded = legs.read_results()
    titles = ["授業", "手元のPC", *(leg.title for leg in places), "実機"]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for name, notebook in lessons.items():
        cells = [f"[](lessons/{name}.ipynb)", f"○ {notebook.metadata.textbook.seconds:.0f}秒"]
        cells += [verdict(leg, name, recorded.get(name, {}).get(leg.name)) for leg in places]
        lines.append(f"| {' | '.join([*cells, '未確認'])} |")
    return "\n".join(lines)


def verdict(leg: legs.Leg, name: str, record: dict | None) -> str:
    """場所一つでの結果。動かした後にコードが変わっていれば、そう書く。"""
    if record is None:
        return "未実行"
    if record["key"] != legs.fingerprint(leg, name):
        return "変更後は未実行"
    shown = f"○ {record['date']}".replace("-", "\u2011").replace(" ", "\u00a0")  # 行を分けない
    shown += f" Python {record['python']}"
    return shown if record["confined"] or not leg.group else f"{shown}（通信を塞がずに）"
