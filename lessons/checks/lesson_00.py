"""「環境を確かめる」の答えを判定する。"""

from checks import Exercises, retry, whole

check = Exercises()


@check.judge(1)
def _(book_version):
    if whole(book_version) != 6:
        retry(
            "番号が違います。「バージョンを照らし合わせる」で、この本のコードが合わせている番号を見てください。"
        )
    return "バージョンの表で「環境6」と出る行が、この本と同じバージョンです。"
