"""JupyterLabのサーバーの設定。

Codespacesは、ブラウザーから見える住所をこのサーバーに伝えない。
そのままではカーネルとの接続が断られるので、自分のCodespaceの住所だけを許す。
"""

import os
import re

c = get_config()  # noqa: F821
if "CODESPACE_NAME" in os.environ:
    name = re.escape(os.environ["CODESPACE_NAME"])
    domain = re.escape(os.environ["GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"])
    c.ServerApp.allow_origin_pat = rf"https://{name}-\d+\.{domain}"
