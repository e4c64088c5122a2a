"""モデル、MLflowのラン、登録したモデルのバージョンの答え。"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import Any

from checks.answers import Answer, kind_of, retry
from checks.values import text, unwrapped, whole


def estimator(answer: Answer) -> Any:
    """scikit-learn のモデルかパイプライン。クラスのままなら退ける。"""
    value = answer.value
    if isinstance(value, type):
        retry(f"{answer}がクラスのままです。`{value.__name__}()`のように、かっこを付けて作ります。")
    if not hasattr(value, "get_params") or not hasattr(value, "fit"):
        retry(f"{answer}は{kind_of(value)}です。scikit-learnのモデルを入れます。")
    return value


def fitted(answer: Answer) -> Any:
    """``fit`` を終えたモデルかパイプライン。"""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    value = estimator(answer)
    try:
        check_is_fitted(value)
    except NotFittedError:
        retry(
            f"{answer}は、まだ学習していません。"
            "`fit`をまだ呼んでいないか、`fit`がエラーで止まっています。"
        )
    return value


def steps(model: Any) -> list[Any]:
    """パイプラインを段に分けた並び（入れ子もほどく）。パイプラインでなければ、それ1つ。"""
    if hasattr(model, "steps"):
        return [part for _, step in model.steps for part in steps(step)]
    if hasattr(model, "transformers"):
        return [part for _, step, _ in model.transformers for part in steps(step)]
    return [model]


def run(answer: Answer) -> Any:
    """MLflow のラン。ランID（文字列）のほか、ランそのものも受け取る。"""
    import mlflow
    from mlflow.exceptions import MlflowException

    value = unwrapped(answer)
    if isinstance(value, str):
        run_id = text(answer)
    else:
        info = getattr(value, "info", value)
        run_id = getattr(info, "run_id", None)
        if not isinstance(run_id, str):
            retry(f"{answer}は{kind_of(value)}です。ランのIDを文字列で入れます。")
    try:
        return mlflow.get_run(run_id)
    except MlflowException:
        where = "`run.info.run_id`か、表の`run_id`の列から取り出"
        if not re.fullmatch("[0-9a-f]{32}", run_id):
            retry(
                f"{answer}は、ランのIDではありません。ランの名前やほかの番号でなく、{where}します。"
            )
        retry(
            f"{answer}のIDのランが、いまの記録先に見つかりません。"
            f"{where}したか、記録先を途中で変えていないかを見てください。"
        )


def model_version(answer: Answer) -> int:
    """登録したモデルのバージョンの番号。整数、数字の文字列、ModelVersion を受け取る。"""
    value = unwrapped(answer)
    value = getattr(value, "version", value)
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return whole(Answer(answer.name, value))


@contextlib.contextmanager
def untracked() -> Iterator[None]:
    """この中の ``fit`` や予測を、MLflow の自動ロギングに残さない。"""
    if "mlflow" not in sys.modules:
        yield
        return
    from mlflow.utils.autologging_utils import disable_autologging

    with disable_autologging():
        yield
