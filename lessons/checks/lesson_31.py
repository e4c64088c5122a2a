"""レッスン31の答えを判定する。"""

from checks import Exercises, mapping, near, retry, share, word, yen

check = Exercises()

QUESTION = {
    "対象": (
        "イ",
        "月曜の朝に、誰について予測するのかが決まる選び方ですか。予測の答えが混ざっていませんか。",
    ),
    "時点": ("ア", "手を打つのはいつでしたか。その時にもう見終えている期間は、予測になりません。"),
    "起きること": ("イ", "後から記録を見て、起きたかどうかを誰が数えても同じになりますか。"),
    "期限": ("ア", "次の月曜の朝までに、外れたかどうかが決まりますか。"),
}


@check.judge(1)
def _(question):
    chosen = mapping(question, list(QUESTION), lambda part: word(part, "アイウ"))
    for key, (right, hint) in QUESTION.items():
        if chosen[key] != right:
            retry(f"「{key}」を見直してください。{hint}")
    return "次の月曜には、当たったかどうかを数えられます。"


@check.judge(2)
def _(result_yen):
    amount = yen(result_yen)
    if near(amount, 4800 * 60 - 1500 * 140, 0.5):
        retry("費用を140人分だけ引いています。解約するはずの人への電話にも、1人1,500円かかります。")
    if near(amount, 1500 * 200 - 4800 * 60, 0.5):
        retry("大きさは合っています。損なら負の数にします。")
    if not near(amount, 4800 * 60 - 1500 * 200, 0.5):
        retry(
            "金額が合いません。"
            "声をかけた人数と、そのうち解約するはずだった人数を、式のどこに入れますか。"
        )
    return "10人に3人が当たっても、分かれ目の確率より少し低いので損になりました。"


@check.judge(3)
def _(break_even):
    probability = share(break_even)
    if near(probability, 2000 / 12000, 1e-3):
        retry("声をかけた人が全員思いとどまる計算になっています。残るのは4割でした。")
    if near(probability, 1500 / 4800, 1e-3):
        retry("費用が1,500円のときの値です。2,000円に変わったときの値を求めます。")
    if not near(probability, 2000 / 4800, 5e-3):
        retry("値が合いません。平均の得が0円になるのは、確率`p`がいくつのときですか。")
    if not near(probability, 2000 / 4800, 5e-4):
        retry("値はほぼ合っています。丸めずに、小数第3位まで入れます。")
    return "費用が上がると、より怪しい人だけに絞ることになります。"
