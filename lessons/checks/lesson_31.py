"""レッスン31の答えを判定する。"""

from checks import Exercises, mapping, near, number, retry, share, word, yen

check = Exercises()

# 項目 → (正しい候補, {外れの候補: 見る場所})
QUESTION = {
    "対象": (
        "イ",
        {
            "ア": "苦情を言ったことのない人に、「次の苦情」は起きますか。",
            "ウ": "今週苦情を言うかは、月曜の朝にはまだ分かりません。予測の答えが混ざっていませんか。",
        },
    ),
    "時点": (
        "ア",
        {
            "イ": "手を打つのはいつでしたか。",
            "ウ": "手を打つのはいつでしたか。もう見終えた期間は、予測になりません。",
        },
    ),
    "起きること": (
        "イ",
        dict.fromkeys("アウ", "後から記録を見て、起きたかどうかを誰が数えても同じになりますか。"),
    ),
    "期限": (
        "ア",
        {
            "イ": "いつまで待てば、外れたと言えますか。",
            "ウ": "過ぎた1年の苦情に、これから手は打てません。先のことの期限を選びます。",
        },
    ),
}


@check.judge(1)
def _(question):
    chosen = mapping(question, list(QUESTION), lambda part: word(part, "アイウ"))
    for key, (right, hints) in QUESTION.items():
        if chosen[key] != right:
            retry(f"「{key}」を見直してください。{hints[chosen[key]]}")
    return "次の月曜には、当たったかどうかを数えられます。"


@check.judge(2)
def _(result_yen):
    amount = yen(result_yen)
    if near(amount, 4800 * 60 - 1500 * 140, 0.5):
        retry("費用を140人分だけ引いています。解約するはずの人への電話にも、1人1,500円かかります。")
    if near(amount, 1500 * 200 - 4800 * 60, 0.5):
        retry("大きさは合っています。損なら負の数にします。")
    if near(amount, 12000 * 60 - 1500 * 200, 0.5):
        retry("解約するはずの60人が、全員思いとどまる計算になっています。残るのは4割でした。")
    if near(amount, -12, 1e-6) or near(amount, -1.2, 1e-6):
        retry("単位が違います。千円や万円ではなく、円で入れます。")
    if not near(amount, 4800 * 60 - 1500 * 200, 0.5):
        retry(
            "金額が合いません。"
            "声をかけた人数と、そのうち解約するはずだった人数を、式のどこに入れますか。"
        )
    return "10人に3人が当たっても、分かれ目の確率より少し低いので損になりました。"


@check.judge(3)
def _(break_even):
    if near(number(break_even), 4800 / 2000, 1e-3):
        retry("割る数と割られる数が逆です。確率なので、0から1の間の数になります。")
    probability = share(break_even)
    if near(probability, 2000 / 12000, 1e-3):
        retry("声をかけた人が全員思いとどまる計算になっています。残るのは4割でした。")
    if near(probability, 1500 / 4800, 1e-3):
        retry("費用が1,500円のときの値です。2,000円に変わったときの値を求めます。")
    if not near(probability, 2000 / 4800, 5e-3):
        retry("値が合いません。平均の得が0円になるのは、確率`p`がいくつのときですか。")
    if not near(probability, 2000 / 4800, 5e-4):
        retry("値はほぼ合っています。丸めた値ではなく、計算した値のまま入れます。")
    return "費用が上がると、より怪しい人だけに絞ることになります。"
