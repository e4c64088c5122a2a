"""授業の図の書体: 日本で使う字が、どの見た目を選んでも描ける。"""

import json
import subprocess
import sys
from pathlib import Path

from figures.font import FALLBACK, FONT_PATH
from fontTools.ttLib import TTFont
from matplotlib.font_manager import findfont

from tools.course import export
from tools.course.font import FAMILY, FONT, japanese

ROOT = Path(__file__).resolve().parent.parent.parent

# 警告を失敗にして、字の無い図と、見た目を変えた後の図を描く。
DRAWING = """
import json, sys, warnings
warnings.simplefilter("error")
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
use_japanese_font()

def draw():
    fig, ax = plt.subplots()
    ax.set_title("～￥℃①○△Ⅲ％→濵栁髙﨑≒é")
    ax.plot([-1, 1], [0, 1], label="解約")
    ax.legend()
    fig.savefig(sys.argv[1])
    plt.close(fig)
    return matplotlib.rcParams["font.family"]

families = {"はじめ": draw()}
for name in [*plt.style.available, "default"]:
    plt.style.use(name)
    families[name] = draw()
matplotlib.rcdefaults()
families["rcdefaults"] = draw()
print(json.dumps(families))
"""


def characters(path: str | Path) -> set[str]:
    return set(map(chr, TTFont(path).getBestCmap()))


def test_every_japanese_character_has_a_glyph():
    covered = characters(FONT_PATH) | characters(findfont(FALLBACK))
    assert len(japanese()) > 8900
    assert not japanese() - covered
    assert set("～￥℃①○△Ⅲ％→濵栁髙﨑") <= characters(FONT_PATH)


def test_font_survives_every_style(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", DRAWING, tmp_path / "figure.svg"],
        cwd=ROOT / "lessons",
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    families = json.loads(run.stdout)
    assert len(families) > 20
    assert {tuple(chosen) for chosen in families.values()} == {(FAMILY, FALLBACK)}


def test_font_travels_with_its_license():
    files = export.modules()
    name = FONT.relative_to(ROOT / "lessons").as_posix()
    assert len(files[name]) <= 2_000_000
    license_text = files["figures/fonts/OFL.txt"].decode()
    assert FONT.name in license_text
    assert "SIL OPEN FONT LICENSE" in license_text
    assert FONT == FONT_PATH
