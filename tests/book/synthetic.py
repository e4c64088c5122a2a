"""すべての役のセルを持つ、小さな実行済みの授業を作る。"""

import base64

from checks.exercises import CORRECT, RETRY, UNANSWERED, Verdict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
assert base64.b64decode(PIXEL)


def executed_lesson(title: str, minutes: int = 10, exercises: int = 1) -> NotebookNode:
    """題と分数と練習の数を決めて、実行済みの授業を作る。"""
    cells = [
        code("_expect = 'ひみつの仕掛け'", "evidence"),
        text(f"# {title}\n\n導入の文です。\n\n## このレッスンで学ぶこと\n\n- 数を足せる"),
        text("## 足してみる\n\n部品を**交差検証**で測ります。"),
        code("print(1 + 1)", "text", output="2\n"),
        figure("横軸は月、縦軸は件数の折れ線"),
        figure("横軸は年、縦軸は件数の折れ線", tags=["figure"]),
        text("## 練習"),
    ]
    for number in range(1, exercises + 1):
        cells += exercise(number)
    cells += [
        text("## まとめ\n\n次は別の授業です。"),
        code("assert 'うらづけ'", "evidence"),
    ]
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
            "language_info": {"name": "python", "version": "3.12.0"},
            "textbook": {
                "minutes": minutes,
                "runs_on": ["local", "databricks"],
                "environment_version": 6,
                "seconds": 1.5,
            },
        },
    )


def exercise(number: int) -> list[NotebookNode]:
    """練習一つ分のセル。"""
    return [
        text(
            f"### 練習 {number}: 合計を求める\n\n`total_{number}`に入れてください。\n\n"
            "<details><summary>ヒント</summary>\n\n隠れたヒントの文です。\n\n</details>"
        ),
        code(f"total_{number} = ...", "stub", number),
        new_raw_cell(f"check({number})", metadata=mark("check", number)),
        judged("judged-stub", number, UNANSWERED, "まだ答えが入っていません。"),
        text("引き算と間違えた説明です。", "wrong-text", number),
        code(f"total_{number} = 1 - 2", "wrong", number),
        judged("judged-wrong", number, RETRY, "値が小さいようです。`+`と<符号>を見てください。"),
        text("型を変えた書き方の説明です。", "other-text", number),
        code(f"total_{number} = 3.0", "other", number),
        judged("judged-other", number, CORRECT, "型の違う合計でした。"),
        text("かんがえかたの説明です。", "answer-text", number),
        code(f"total_{number} = 1 + 2", "answer", number, "解答の出力\n"),
        judged("judged-answer", number, CORRECT, "合計が求まりました。"),
    ]


def text(source: str, role: str = "text", number: int | None = None) -> NotebookNode:
    """文章のセル。"""
    return new_markdown_cell(source, metadata=mark(role, number))


def code(source: str, role: str, number: int | None = None, output: str = "") -> NotebookNode:
    """コードのセル。output は標準出力。"""
    outputs = [new_output("stream", name="stdout", text=output)] if output else []
    return new_code_cell(source, metadata=mark(role, number), outputs=outputs)


def judged(role: str, number: int, kind: str, message: str) -> NotebookNode:
    """確認の返事を出したセル。"""
    cell = code(f"_expect(check({number}), {kind!r}, '題')", role, number)
    shown = Verdict(kind, number, message)
    data = {"text/html": shown._repr_html_(), "text/plain": str(shown)}
    cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
    return cell


def figure(alt: str, **metadata: object) -> NotebookNode:
    """図を出すセル。"""
    cell = code("plt.show()", "text")
    cell.metadata.update(metadata)
    cell.metadata["mystnb"] = {"image": {"alt": alt}}
    cell.outputs = [new_output("display_data", data={"image/png": PIXEL, "text/plain": "<Figure>"})]
    return cell


def mark(role: str, number: int | None = None) -> dict:
    """セルの役を表すメタデータ。"""
    return {"textbook": {"role": role, "exercise": number} if number else {"role": role}}
