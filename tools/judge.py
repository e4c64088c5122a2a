"""練習の確認が、退けるべき答えを退け、正しい答えを受け入れることを確かめる。

このファイルの中身は、組み立てたノートブックの先頭に写される。
ノートブックのほかの変数とぶつからないよう、名前は下線で始める。
"""

import contextlib as _contextlib
import io as _io

_UNANSWERED = "まだ"
_ACCEPTED = "正解です。"


def _run_check(number, source):
    """確認のコードを動かし、(退けた時の文言か None, 表示した文章) を返す。"""
    message = None
    with _contextlib.redirect_stdout(_io.StringIO()) as printed:
        try:
            exec(compile(source, f"<確認 {number}>", "exec"), globals())  # noqa: S102
        except AssertionError as error:
            message = str(error)
    return message, printed.getvalue()


def _expect_rejected(number, answer, source, unanswered):
    """``answer``（練習か誤答の題）が、ふさわしい文言で退けられることを確かめる。"""
    message, _ = _run_check(number, source)
    if message is None:
        raise RuntimeError(f"確認 {number} が、{answer} を正解にしました。")
    if not any("ぁ" <= letter <= "ヿ" for letter in message):
        raise RuntimeError(
            f"確認 {number} が {answer} を退けた文言が、日本語ではありません: {message!r}"
        )
    if message.startswith(_UNANSWERED) != unanswered:
        kind = "未回答" if unanswered else "不正解"
        raise RuntimeError(
            f"確認 {number} は {answer} を{kind}と伝えるはずですが、こう言いました: {message}"
        )
    print(message)


def _expect_accepted(number, source):
    """解答が受け入れられることを確かめる。"""
    message, printed = _run_check(number, source)
    if message is not None:
        raise RuntimeError(f"確認 {number} が、解答 {number} を退けました: {message}")
    if not printed.startswith(_ACCEPTED):
        raise RuntimeError(
            f"確認 {number} は、正しい答えに「{_ACCEPTED}」で始まる文を表示してください。"
        )
    print(printed, end="")
