"""PythonとmakeだけのPCに、この本の環境を作ってからモジュールを動かす。

使い方::

    python3 tools/bootstrap.py [--dev] MODULE [引数…]         環境をそろえ、MODULEを動かす
    python3 tools/bootstrap.py --only GROUP MODULE [引数…]    GROUPのパッケージだけの環境で動かす
    python3 tools/bootstrap.py lock [--upgrade]                uv.lock を作り直す

uv は、uv.lock に記されたハッシュと照合して ``.uv/`` に入れる。授業の環境は ``.venv/`` に、
``--only`` の環境は ``.uv/GROUP/`` に入り、Databricksと同じバージョンのPythonがPCにあれば、それで動く。
動かしたPythonのバージョンが合わなければ、合うものをPCの中から探し、無ければ uv で ``.uv/python/`` に取り寄せる。
uv.lock には取り寄せ先のホスト名を書かず、動かす時に pip が知っている既定の場所を当てはめる。
このファイルは標準ライブラリーだけで動き、古いPythonでも案内の文を出せる書き方にしてある。
"""

import errno
import getpass
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UV_HOME = os.path.join(ROOT, ".uv")
PROJECT = os.path.join(UV_HOME, "project")
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "uv.lock")
SETTINGS = os.path.join(ROOT, "pyproject.toml")
LOG = os.path.join(ROOT, ".setup.log")
NAMELESS = "learner"  # OSに名前の登録がない利用者の、代わりの名前
PLACE = "place.txt"  # 環境を作った場所の控え
KERNEL_CONFIG = os.path.join(ROOT, "jupyter", "ipython_kernel_config.py")
OLDEST, NEWEST = (3, 11), (3, 13)
SUITABLE = ">=3.11,<3.14"  # 同じ範囲を、uv の書き方で
PREFERRED = "3.12"  # Databricksと同じバージョン。取り寄せる時も、これにする
PYTHONS = os.path.join(UV_HOME, "python")
NEEDED_MEGABYTES = 4000
NO_SPACE = "ディスクの空きがありません。空きを作ってから、もう一度実行してください。"
SEPARATORS = ':;?!,%*"\\'  # 場所の名前に使えない文字
INDEX, FILES = "https://index.invalid/simple", "https://files.invalid"
# 利用者の設定のうち、準備や授業を壊すもの。最後の2つがあると、道具が見つからず、確認の assert が消える。
HARMFUL = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONOPTIMIZE")
# 証明書のファイルを、pip・uv・Python（Javaにも伝わる）・Node.jsなどに教える環境変数
CERTIFICATES = (
    "SSL_CERT_FILE REQUESTS_CA_BUNDLE PIP_CERT CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS".split()
)
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class SetupError(Exception):
    """利用者に見せる日本語の説明を持つ失敗。"""


def told(error):
    """失敗の、利用者に見せる説明。ディスクや割り当ての空きのことでない ``OSError`` は、そのまま送る。"""
    if isinstance(error, SetupError):
        return str(error)
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    return NO_SPACE


def prepare_settings():
    """利用者の環境変数を、準備と授業のどこでも同じに働くようにする。"""
    check_path(ROOT)
    for name in HARMFUL:
        os.environ.pop(name, None)
    os.environ["PIP_USER"] = "0"  # 仮想環境の外に入れる設定になっていても、中に入れる
    if os.environ.get("UV_DEFAULT_INDEX"):
        os.environ.setdefault("PIP_INDEX_URL", os.environ["UV_DEFAULT_INDEX"])
    home = os.path.expanduser("~")
    if not (os.path.isdir(home) and os.access(home, os.W_OK)):
        os.environ["HOME"] = os.path.join(UV_HOME, "home")
        os.makedirs(os.environ["HOME"], exist_ok=True)
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = NAMELESS
    share_certificates()


def check_path(path):
    """フォルダーの場所に、SparkやPythonが区切りとして読む文字が無いことを確かめる。"""
    found = next((letter for letter in path if letter in SEPARATORS), None)
    if found is not None:
        raise SetupError(
            "フォルダーの名前に「%s」があるので、動かせません。"
            "この文字の無い場所に移してから、もう一度実行してください（いまの場所: %s）。"
            % (found, path)
        )


def share_certificates():
    """1つの証明書の設定を、どの道具にも見せる。設定が無ければ、Linuxの証明書の束を使う。"""
    named = [os.environ[name] for name in CERTIFICATES if os.environ.get(name)]
    files = [path for path in named if not os.path.isdir(path)]
    for path in files:
        if not os.path.isfile(path):
            raise SetupError("証明書のファイル %s がありません。環境変数を直してください。" % path)
        if "-----BEGIN" not in read(path, errors="replace"):
            raise SetupError(
                "証明書のファイル %s が、文字で書かれた形（PEM）ではありません。"
                "openssl x509 -inform der -in %s -out company.pem で変えたファイルを指定してください。"
                % (path, path)
            )
    files += [path for path in SYSTEM_CERTIFICATES if os.path.isfile(path)]
    if files:
        for name in CERTIFICATES:
            os.environ.setdefault(name, files[0])
    else:
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")


def suitable_python():
    """授業を動かすPythonのパス。このPythonが合わなければPCの中から探し、無ければ取り寄せる。

    どれもできなければ SetupError を送る。
    """
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    program = ensure_uv()
    python = find_python(program)
    if python is None:
        print("Python %s を取り寄せています。" % PREFERRED, file=sys.stderr)
        install = [program, "python", "install", PREFERRED, "--no-bin", "--no-progress"]
        try:
            call(install, UV_PYTHON_INSTALL_DIR=PYTHONS, UV_PYTHON_DOWNLOADS="manual")
        except SetupError as error:
            raise SetupError(
                "この本はPython 3.11、3.12、3.13で動きます（いまは%d.%d）。"
                "代わりのPython %sを用意できませんでした。%s "
                "取り寄せられないPCでは、Python %sを入れて、make PYTHON=python%s book のように指定してください。"
                % (*sys.version_info[:2], PREFERRED, error, PREFERRED, PREFERRED)
            ) from None
        python = find_python(program)
    return python


def find_python(program, wanted=SUITABLE):
    """uv が見つけた、バージョンが ``wanted`` に合うPythonのパス。無ければ None。"""
    found = subprocess.run(
        [program, "python", "find", "--no-project", "--system", wanted],
        env=dict(os.environ, UV_PYTHON_INSTALL_DIR=PYTHONS, UV_PYTHON_DOWNLOADS="never"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
        check=False,
    )
    return found.stdout.strip() or None


def check_space(folder, needed):
    """``folder`` のあるディスクに ``needed`` MBの空きがあることを確かめ、空き（MB）を返す。"""
    import shutil

    free = shutil.disk_usage(folder).free // 2**20
    if free < needed:
        raise SetupError(
            "ディスクの空きが%dMBしかありません。%dMB以上空けてから、もう一度実行してください。"
            % (free, needed)
        )
    return free


def explain(log):
    """pip や uv の出力から、次にすることを一文で言う。"""
    lowered = log.lower()
    if "no space left" in lowered:
        return NO_SPACE
    if "hash mismatch" in lowered or "do not match the hashes" in lowered:
        return (
            "取り寄せたパッケージの中身が uv.lock の記録（SHA-256）と違います。"
            "uv.lock を書き換えていなければ、通信の途中で差し替わっていないか管理者に確かめてください。"
        )
    if "certificate" in lowered or "unknownissuer" in lowered:
        return (
            "通信の相手の証明書を確かめられませんでした。"
            "会社や学校の中継サーバーを通るPCでは、その証明書（PEMのファイル）のパスを"
            "環境変数 SSL_CERT_FILE に入れて、もう一度実行してください。"
        )
    return "必要なものを取り寄せられませんでした。ネットワークの接続を確かめて、もう一度実行してください。"


def call(command, **environment):
    """コマンドを実行する。失敗したら、出力を記録に残し、日本語の説明を出して止まる。"""
    done = subprocess.run(
        command,
        env=dict(os.environ, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        replace_file(LOG, done.stdout)
        raise SetupError("%s（詳しい記録: %s）" % (explain(done.stdout), LOG))


def python_of(environment):
    return os.path.join(environment, "bin", "python")


def read(path, errors="strict"):
    with open(path, encoding="utf-8", errors=errors) as file:
        return file.read()


def replace_file(path, text):
    """途中の姿を見せずに書く。"""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def uv_requirement(lock_text):
    """uv.lock に記された uv のバージョンとハッシュを、pip が読む形で返す。

    3.11より前のPythonには tomllib が無いので、uv.lock の決まった形をそのまま読む。
    """
    import re

    package = lock_text.split('name = "uv"\n')[1].split("[[package]]")[0]
    version = re.search('^version = "(.+)"', package)
    hashes = " ".join("--hash=" + found for found in re.findall('hash = "(.+?)"', package))
    return "uv==%s %s\n" % (version[1], hashes)


def ensure_uv():
    """uv を ``.uv/`` に入れ、実行ファイルのパスを返す。"""
    requirement = uv_requirement(read(LOCK))
    marker = os.path.join(UV_HOME, "requirement.txt")
    program = os.path.join(UV_HOME, "bin", "uv")
    if not (os.path.exists(program) and os.path.exists(marker) and read(marker) == requirement):
        print("uv（パッケージを入れる道具）を用意しています。", file=sys.stderr)
        try:
            call([sys.executable, "-m", "venv", "--clear", UV_HOME])
        except SetupError:
            raise SetupError(
                "Pythonの仮想環境を作れませんでした。"
                "Debian・Ubuntuでは python3-venv を入れてから、もう一度実行してください。"
            ) from None
        wanted = os.path.join(UV_HOME, "wanted.txt")
        replace_file(wanted, requirement)
        pip = [python_of(UV_HOME), "-m", "pip", "install", "--quiet", "--no-deps"]
        call([*pip, "--only-binary=:all:", "--require-hashes", "-r", wanted])
        os.replace(wanted, marker)
    return program


def ask_pip(code):
    """``.uv/`` の pip の中で ``code`` を動かし、表示した文字を返す。"""
    command = [python_of(UV_HOME), "-c", code]
    try:
        return subprocess.check_output(command, universal_newlines=True).strip()
    except subprocess.CalledProcessError:
        raise SetupError("pip の設定を読めません。上の文が指す設定を直してください。") from None


def registry_addresses():
    """pip が既定で使う索引とファイル置き場の、(目印, 実際の場所) の組。"""
    code = "from pip._internal.models.index import PyPI as p; print(p.simple_url, p.file_storage_domain)"
    simple, domain = ask_pip(code).split()
    return [(INDEX, simple.rstrip("/")), (FILES, "https://" + domain)]


def chosen_index():
    """利用者が uv か pip に決めた、パッケージの索引。決めていなければ None。"""
    code = (
        "from pip._internal.commands import create_command as c; from pip._internal.models.index import PyPI; "
        "url = c('install').parse_args([])[0].index_url; print('' if url == PyPI.simple_url else url)"
    )
    return os.environ.get("UV_DEFAULT_INDEX") or ask_pip(code) or None


def write_project():
    """uv が読むプロジェクトを ``.uv/project/`` に置く。uv.lock の目印を実際の場所に替える。"""
    ensure_uv()
    os.makedirs(PROJECT, exist_ok=True)
    text = read(LOCK)
    for mark, address in registry_addresses():
        text = text.replace(mark, address)
    replace_file(os.path.join(PROJECT, "uv.lock"), text)
    replace_file(os.path.join(PROJECT, "pyproject.toml"), read(SETTINGS))


def uv(*arguments, python, environment=VENV):
    call(
        [ensure_uv(), *arguments, "--project", PROJECT, "--no-progress"],
        UV_PROJECT_ENVIRONMENT=environment,
        UV_PYTHON=python,
        UV_PYTHON_DOWNLOADS="never",
        UV_LINK_MODE=os.environ.get("UV_LINK_MODE", "hardlink"),
    )


def fingerprint(groups, python):
    import hashlib

    version = sys.version
    if python != sys.executable:
        version = subprocess.check_output(
            [python, "-c", "import sys; print(sys.version)"], universal_newlines=True
        )
    parts = [read(LOCK), read(SETTINGS), read(KERNEL_CONFIG), groups, version]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def ensure_environment(groups, only=False):
    """uv.lock のとおりの環境を作り、そのフォルダーを返す。済んでいれば何もしない。

    ``only`` なら、授業のパッケージを入れず ``groups`` だけを入れた環境にする。
    そのPythonは、PCにあれば、Databricksと同じバージョンにする。
    """
    import fcntl

    environment = os.path.join(UV_HOME, groups) if only else VENV
    with open(os.path.join(ROOT, ".setup.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_moved(environment)
        python = (only and find_python(ensure_uv(), PREFERRED)) or suitable_python()
        key = fingerprint(groups, python)
        marker = os.path.join(environment, "synced-%s" % groups.replace(" ", "-"))
        if os.path.exists(marker) and read(marker) == key:
            return environment
        check_space(ROOT, NEEDED_MEGABYTES)
        write_project()
        print("パッケージを用意しています（初回は数分かかります）。", file=sys.stderr)
        if only:
            install(["--only-group", groups], python, environment)
        else:
            chosen = [option for group in groups.split() for option in ("--group", group)]
            install([*chosen, "--no-default-groups"], python, environment, "--inexact")
            config = os.path.join(VENV, "etc", "ipython", os.path.basename(KERNEL_CONFIG))
            os.makedirs(os.path.dirname(config), exist_ok=True)
            replace_file(config, read(KERNEL_CONFIG))
        replace_file(os.path.join(environment, PLACE), environment)
        replace_file(marker, key)
        return environment


def remove_moved(environment):
    """フォルダーごと動かされた（写された）環境を消す。中のコマンドは、前の場所を指している。"""
    import shutil

    place = os.path.join(environment, PLACE)
    if os.path.exists(place) and read(place) != environment:
        shutil.rmtree(environment)


def install(chosen, python, environment, *options):
    """uv.lock の ``chosen`` のパッケージを環境に入れる。利用者の決めた索引があれば、そこから取り寄せる。

    ``options`` は ``uv sync`` に足す指定。
    uv.lock に記したファイルの場所は既定の索引のものなので、ほかの索引ではハッシュだけを使う。
    """
    index = chosen_index()
    where = {"python": python, "environment": environment}
    if index is None:
        uv("sync", "--frozen", "--compile-bytecode", *options, *chosen, **where)
        return
    wanted = os.path.join(PROJECT, "wanted.txt")
    uv("export", "--frozen", "--no-emit-project", "--output-file", wanted, *chosen, **where)
    uv("venv", "--allow-existing", environment, **where)
    place = ["--python", python_of(environment), "--default-index", index]
    checked = ["--require-hashes", "--requirements", wanted, "--compile-bytecode"]
    uv("pip", "install", *place, *checked, **where)


def lock(options):
    """uv.lock を作り直す。取り寄せ先のホスト名は目印に戻す。"""
    write_project()
    uv("lock", *options, python=suitable_python())
    text = read(os.path.join(PROJECT, "uv.lock"))
    for mark, address in registry_addresses():
        text = text.replace(address, mark)
    replace_file(LOCK, text)
    print("uv.lock を更新しました。")


def main(arguments):
    prepare_settings()
    if arguments[:1] == ["lock"]:
        return lock(arguments[1:])
    if arguments[:1] == ["--only"]:
        environment, arguments = ensure_environment(arguments[1], only=True), arguments[2:]
    elif arguments[:1] == ["--dev"]:
        environment, arguments = ensure_environment("book dev"), arguments[1:]
    else:
        environment = ensure_environment("book")
    os.chdir(ROOT)
    python = python_of(environment)
    os.execv(python, [python, "-m", *arguments])  # noqa: S606


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SetupError, OSError) as error:
        sys.exit("エラー: %s" % told(error))
