"""何もないPCでの準備: 失敗は日本語の一文になり、作りかけを信じない。"""

import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from projects import python

from tools import bootstrap

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def clone(tmp_path):
    """環境をまだ作っていない写し。"""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("tools", "jupyter"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(clone, *arguments, **environment):
    return python(clone, "tools/bootstrap.py", *arguments, timeout=300, **environment)


@pytest.fixture
def clone_with_uv(clone):
    """uv まで用意できている写し。取り寄せを待たずに、その先を試せる。"""
    made = clone / ".uv"
    (made / "bin").mkdir(parents=True)
    for name in ("bin/uv", "bin/python", "lib", "pyvenv.cfg"):
        (made / name).symlink_to(ROOT / ".uv" / name)
    lock = (clone / "uv.lock").read_text(encoding="utf-8")
    (made / "requirement.txt").write_text(bootstrap.uv_requirement(lock))
    return clone


def run_as(clone, version, code, **environment):
    """写しの bootstrap を、Pythonのバージョンが version であるかのように動かす。"""
    pretend = f"import sys; sys.path.insert(0, 'tools'); sys.version_info = {version + (0,)}\n"
    return python(clone, "-c", f"{pretend}import bootstrap\n{code}", timeout=120, **environment)


SHOW = "print(bootstrap.suitable_python())"


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_python_is_used_as_it_is(clone, version):
    assert run_as(clone, version, SHOW).stdout.strip() == sys.executable


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_another_python_is_found_for_an_unsupported_one(clone_with_uv, tmp_path, version):
    only = tmp_path / "only"
    only.mkdir()
    name = "python%d.%d" % sys.version_info[:2]
    (only / name).symlink_to(Path(sys.base_prefix) / "bin" / name)
    done = run_as(clone_with_uv, version, SHOW, PATH=str(only))
    assert done.stdout.strip() == str(only / name), done.stderr


def test_wanted_python_is_taken_only_where_the_pc_has_it(clone_with_uv, tmp_path):
    name = "python%d.%d" % sys.version_info[:2]
    (tmp_path / name).symlink_to(Path(sys.base_prefix) / "bin" / name)
    code = "print(*(bootstrap.find_python(bootstrap.ensure_uv(), v) for v in ('%d.%d', '3.99')))"
    code %= sys.version_info[:2]
    done = run_as(clone_with_uv, sys.version_info[:2], code, PATH=str(tmp_path))
    assert done.stdout.split() == [str(tmp_path / name), "None"], done.stderr


def test_python_that_cannot_be_fetched_is_told(clone_with_uv, tmp_path):
    nothing = {
        "PATH": str(tmp_path),
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9",
        "UV_HTTP_RETRIES": "0",
    }
    call = "import runpy; sys.argv[1:] = ['tools.workspace', 'status']; "
    done = run_as(
        clone_with_uv,
        (3, 14),
        call + "runpy.run_path('tools/bootstrap.py', run_name='__main__')",
        **nothing,
    )
    assert done.returncode == 1
    assert "Python 3.12 を取り寄せています" in done.stderr
    assert "（いまは3.14）" in done.stderr
    assert "ネットワークの接続を確かめて" in done.stderr
    assert "make PYTHON=python3.12 book" in done.stderr
    assert not (clone_with_uv / ".venv").exists()


def test_uv_is_pinned_by_version_and_every_hash():
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    packages = tomllib.loads(text)["package"]
    uv = next(package for package in packages if package["name"] == "uv")
    hashes = {"--hash=" + file["hash"] for file in [*uv["wheels"], uv["sdist"]]}
    first, *others = bootstrap.uv_requirement(text).split()
    assert first == f"uv=={uv['version']}"
    assert set(others) == hashes


def test_full_disk(monkeypatch):
    usage = shutil.disk_usage(ROOT)._replace(free=100 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(bootstrap.SetupError, match="空きが100MBしかありません"):
        bootstrap.check_space(ROOT, bootstrap.NEEDED_MEGABYTES)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("OSError: [Errno 28] No space left on device", "ディスクの空きがありません"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "SHA-256"),
        ("error: Hash mismatch for `six==1.17.0`", "SHA-256"),
        ("error: Failed to fetch: dns error", "ネットワークの接続"),
        ("invalid peer certificate: UnknownIssuer", "環境変数 SSL_CERT_FILE"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "環境変数 SSL_CERT_FILE"),
    ],
)
def test_explanations(log, message):
    assert message in bootstrap.explain(log)


def test_wrong_hash_is_refused_and_not_trusted_later(clone):
    lock = clone / "uv.lock"
    text = lock.read_text(encoding="utf-8")
    start = text.index('name = "uv"\n')
    end = text.index("[[package]]", start)
    wrong = re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, text[start:end])
    lock.write_text(text[:start] + wrong + text[end:], encoding="utf-8")
    for _ in range(2):
        done = run(clone, "tools.workspace", "status")
        assert done.returncode == 1
        assert "uv.lock の記録（SHA-256）と違います" in done.stderr
        assert not (clone / ".uv" / "requirement.txt").exists()
        assert not (clone / ".venv").exists()


def test_no_network_is_told_and_not_trusted_later(clone):
    offline = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
    }
    done = run(clone, "tools.workspace", "status", **offline)
    assert done.returncode == 1
    assert "ネットワークの接続を確かめて" in done.stderr
    assert not (clone / ".uv" / "requirement.txt").exists()
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("chosen_in", ["UV_DEFAULT_INDEX", "PIP_INDEX_URL", "PIP_CONFIG_FILE"])
def test_index_of_the_user_is_used(clone_with_uv, chosen_in):
    """uv.lock に記した場所からは取り寄せない。"""
    address, settings = "http://127.0.0.1:9/simple", clone_with_uv / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {address}\n", encoding="utf-8")
    dead = {
        chosen_in: str(settings) if chosen_in == "PIP_CONFIG_FILE" else address,
        "UV_CACHE_DIR": str(clone_with_uv / "cache"),
        "UV_HTTP_RETRIES": "0",
    }
    done = run(clone_with_uv, "--only", "setup", "platform", **dead)
    assert done.returncode == 1
    assert "ネットワークの接続を確かめて" in done.stderr
    assert "127.0.0.1:9" in (clone_with_uv / ".setup.log").read_text(encoding="utf-8")


def test_lock_works_before_anything_is_prepared(clone):
    done = run(clone, "lock")
    assert done.returncode == 0, done.stderr
    assert (clone / "uv.lock").read_bytes() == (ROOT / "uv.lock").read_bytes()


def test_settings_that_pip_cannot_read_are_told(clone_with_uv):
    done = run(clone_with_uv, "--only", "setup", "platform", PIP_TIMEOUT="soon")
    assert done.returncode == 1
    assert "pip の設定を読めません" in done.stderr


def test_settings_of_pip_do_not_move_the_packages(clone, tmp_path):
    settings = {
        "PIP_USER": "1",
        "PIP_TARGET": str(tmp_path / "t"),
        "PYTHONHOME": "",
        "HOME": "/nowhere",
    }
    done = run(clone, "--only", "setup", "site", **settings)
    assert done.returncode == 0, done.stderr
    assert f"{clone}/.uv/setup/lib" in done.stdout
    assert f"{clone}/.uv/home" in done.stdout
    assert not (tmp_path / "t").exists()


def test_moved_environment_is_made_again(clone_with_uv, tmp_path):
    assert run(clone_with_uv, "--only", "setup", "platform").returncode == 0
    moved = clone_with_uv.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    done = run(moved, "--only", "setup", "site")
    assert done.returncode == 0, done.stderr
    assert "パッケージを用意しています" in done.stderr
    assert str(moved) in (moved / ".uv" / "setup" / "bin" / "activate").read_text(encoding="utf-8")
    assert "パッケージを用意しています" not in run(moved, "--only", "setup", "site").stderr


@pytest.fixture
def no_certificates(monkeypatch):
    for name in bootstrap.CERTIFICATES:
        monkeypatch.delenv(name, raising=False)


def test_one_certificate_serves_every_tool(no_certificates, monkeypatch, tmp_path):
    company = tmp_path / "company.pem"
    company.write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(company))
    bootstrap.share_certificates()
    assert {os.environ[name] for name in bootstrap.CERTIFICATES} == {str(company)}


def test_certificates_of_the_system_are_used(no_certificates, monkeypatch, tmp_path):
    system = tmp_path / "system.pem"
    system.write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "SYSTEM_CERTIFICATES", ("/nowhere", str(system)))
    bootstrap.share_certificates()
    assert {os.environ[name] for name in bootstrap.CERTIFICATES} == {str(system)}


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "company.der がありません"), (b"\x30\x82\x03\xff", "openssl x509 -inform der")],
)
def test_unreadable_certificate_is_told(no_certificates, monkeypatch, tmp_path, content, message):
    path = tmp_path / "company.der"
    if content:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(bootstrap.SetupError, match=message):
        bootstrap.share_certificates()


def test_clone_in_a_path_that_cannot_work_is_told(clone):
    moved = clone.rename(clone.with_name("授業 100%完成"))
    done = run(moved, "tools.workspace", "status")
    assert done.returncode == 1
    assert "フォルダーの名前に「%」があるので" in done.stderr
    assert not (moved / ".uv").exists()


def test_lock_names_no_registry_and_hashes_everything():
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts == {"index.invalid", "files.invalid"}
    files = re.findall(r"\{ url = [^}]*\}", text)
    assert len(files) > 500
    assert all('hash = "sha256:' in file for file in files)


def test_settings_that_hide_the_tools_or_the_asserts_are_cleared():
    code = "import sys; sys.exit(sys.flags.optimize)"
    inside = ["tools.workspace", "run", "--", sys.executable, "-c", code]
    settings = {"PYTHONSAFEPATH": "1", "PYTHONOPTIMIZE": "1", "SPARK_REMOTE": "sc://localhost:1"}
    done = run(ROOT, *inside, **settings)
    assert done.returncode == 0, done.stderr
