"""確認した日の付いた事実。"""

import datetime

STALE = datetime.timedelta(days=180)


def stale(facts: list[dict], today: datetime.date) -> list[str]:
    """確認から180日を過ぎた事実。"""
    return [one["fact"] for one in facts if today - one["checked"] > STALE]
