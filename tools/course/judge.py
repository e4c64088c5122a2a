"""確認が、退けるべき答えを退け、正しい答えを受け入れることを確かめる。

このファイルの中身は、組み立てたノートブックの先頭に写される。
ノートブックのほかの変数とぶつからないよう、名前は下線で始める。
"""

import re as _re

_JAPANESE = _re.compile("[ぁ-ヿ]")
_ENGLISH = _re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,.:]+){4,}")


def _expect(verdict, wanted, answer):
    """``answer``（試したセルの題）の判定が ``wanted`` で、文言が日本語なら、判定を返す。"""
    said = f"確認 {verdict.number} の、{answer} への返事"
    if verdict.kind != wanted:
        raise RuntimeError(f"{said}は{wanted}のはずですが、{verdict.kind}でした: {verdict.message}")
    text = _re.sub("`[^`]*`", "", verdict.message)
    if not _JAPANESE.search(text) or _ENGLISH.search(text):
        raise RuntimeError(f"{said}が、日本語ではありません: {verdict.message}")
    return verdict
