"""保管庫: 表の目録と、MLflowの記録の置き場所。"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
import sys
from pathlib import Path

from tools.workspace import provision
from tools.workspace.provision import WORKSPACE, WorkspaceError
from tools.workspace.server import lock_store

STORE = WORKSPACE / "store"


def set_aside_moved_store() -> None:
    """フォルダーごと動かされた（写された）保管庫を、脇に置く。

    表の目録とMLflowの記録は、ファイルの場所を初めからの道で覚えている。
    そのまま使うと、写しの書き込みが元の表に届いたり、記録したモデルが見つからなかったりする。
    """
    place, here = STORE / "place.txt", str(STORE.resolve())
    with provision.exclusive("store"):
        made_at = place.read_text(encoding="utf-8") if place.exists() else ""
        if made_at == here:
            return
        if made_at:
            lock = lock_store(STORE)
            if lock is None:
                raise WorkspaceError(
                    "フォルダーが動かされましたが、前の場所のサーバーがまだ動いています。"
                    "開いているノートブックを閉じてから、もう一度実行してください。"
                )
            aside = next(
                path
                for number in itertools.count(1)
                if not (path := STORE.with_name(f"store-moved-{number}")).exists()
            )
            print(
                f"ワークスペースが {made_at} から動かされたか、コピーされています。"
                f"前の表とMLflowの記録は {aside} に残し、新しい表と記録で始めます。",
                file=sys.stderr,
            )
            STORE.rename(aside)
            os.close(lock)
        STORE.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.write_text(here, encoding="utf-8")


def prepare_store(store: Path) -> None:
    """MLflowの記録の置き場所を、移行済みのひな形から作る。"""
    database = store / "mlflow.db"
    if not database.exists():
        new = store / f"mlflow.{os.getpid()}.db"
        shutil.copyfile(provision.make_mlflow_template(), new)
        with contextlib.closing(sqlite3.connect(new)) as connection, connection:
            # ひな形は別のフォルダーで作ったので、最初からある実験の置き場所をここに直す
            connection.execute(
                "UPDATE experiments SET artifact_location = ? || '/' || experiment_id",
                (str(store / "artifacts"),),
            )
        os.replace(new, database)


def remove_leftovers() -> None:
    """強制終了した処理が残した一時の保管庫を消す。使用中のものには触らない。"""
    for folder in WORKSPACE.glob("temporary-*"):
        if (lock := lock_store(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
