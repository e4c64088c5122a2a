"""本に載せるMLflowの画面: どこを開き、何を押し、どこに番号の印を付けるか。

``make pictures`` はここに書いたとおりに開いて撮り、試験は同じとおりに開いて、
名指した言葉が今の画面にもあることを確かめる。
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator, Page, expect

from tools.book import BookError

Area = tuple[float, float, float, float]  # 写す範囲: x、y、幅、高さ（px）
PATIENCE = 20_000  # ミリ秒。画面が出るまで待つ時間
MARGIN = 12  # px。写真の縁に残す余白
MARK = 18  # px。番号の印の直径
DRAW_MARK = """(element, [number, size]) => {
    const words = document.createRange();
    words.selectNodeContents(element);
    const {right, top} = words.getBoundingClientRect();
    const mark = document.createElement('div');
    mark.textContent = number;
    mark.style.cssText = `position:fixed;left:${right - 2}px;top:${top - size / 2}px;
        width:${size}px;height:${size}px;border-radius:50%;background:#c0392b;color:#fff;
        font:bold 12px/${size}px sans-serif;text-align:center;box-shadow:0 0 0 2px #fff;
        z-index:2147483647;pointer-events:none`;
    document.body.append(mark);
}"""


@dataclass(frozen=True)
class Records:
    """授業が残した記録。``client`` はMLflowの ``MlflowClient``。"""

    client: object

    def experiment(self, ending: str) -> str:
        """名前が ``ending`` で終わるエクスペリメントのID。"""
        found = [e for e in self.client.search_experiments() if e.name.endswith(ending)]
        return found[0].experiment_id

    def run(self, experiment: str, name: str, batch: str = "") -> str:
        """``name`` のランのID。同じ名前のランがあれば、いちばん新しいもの。

        ``batch`` があれば、タグ ``batch`` がその値のものだけから探す。
        """
        named = f"attributes.run_name = '{name}'"
        named += f" AND tags.batch = '{batch}'" if batch else ""
        return self.client.search_runs([experiment], named, max_results=1)[0].info.run_id

    def tag(self, experiment: str, name: str, key: str) -> str:
        """``name`` のランに付いた、タグ ``key`` の値。"""
        return self.client.get_run(self.run(experiment, name)).data.tags[key]

    def model(self, ending: str) -> str:
        """名前が ``ending`` で終わる登録モデルの名前。"""
        found = [m.name for m in self.client.search_registered_models() if m.name.endswith(ending)]
        return found[0]


@dataclass
class Screen:
    """開いた画面。名指した言葉（``labels``）と、印を付けた所を覚える。"""

    page: Page
    labels: list[str] = field(default_factory=list)
    marked: list[Locator] = field(default_factory=list)

    def open(self, path: str, width: int, height: int = 900) -> None:
        """``path`` の画面を、``width`` × ``height`` の窓で開く。"""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"/#/{path}")

    def find(self, label: str, within: Locator | None = None, nth: int = 0) -> Locator:
        """``label`` と書いてある所。見えるまで待つ。数（「Metrics (11)」）とコロンは無いものとする。

        何か所もあれば ``nth`` 番目（0から）。"""
        words = re.compile(rf"^\s*{re.escape(label)}\s*(\(\d+\))?:?\s*$")
        found = (within or self.page).get_by_text(words).locator("visible=true").nth(nth)
        try:
            found.wait_for(timeout=PATIENCE)
        except BrowserError as error:
            raise BookError(
                f"MLflowの画面に「{label}」が見つかりません（{self.page.url}）。"
                "言葉が変わったなら、授業の文章とtools/book/screens.pyを直し、"
                "make picturesで撮り直してください。"
            ) from error
        self.labels.append(label)
        return found

    def press(self, label: str, within: Locator | None = None) -> Locator:
        """``label`` と書いてある所を押す。"""
        found = self.find(label, within)
        found.click()
        return found

    def mark(self, label: str, nth: int = 0) -> Locator:
        """``label`` の所に、次の番号の印を付ける。"""
        found = self.find(label, nth=nth)
        self.marked.append(found)
        return found

    def draw_marks(self) -> None:
        """覚えた言葉の右肩に、番号の印を描く。"""
        for number, found in enumerate(self.marked, 1):
            found.evaluate(DRAW_MARK, [number, MARK])


@dataclass(frozen=True)
class Picture:
    """写真一枚。``take`` は画面を開いて印を付け、写す範囲を返す。"""

    name: str
    take: Callable[[Screen, Records], Area]

    @property
    def lesson(self) -> str:
        """写真を載せる授業の番号。"""
        return self.name[:2]


PICTURES: list[Picture] = []


def picture(take: Callable) -> Callable:
    """``take_17_runs`` のような関数を、写真 ``17_runs`` とする。"""
    PICTURES.append(Picture(take.__name__.removeprefix("take_"), take))
    return take


def area(*found: Locator, right: float, left: float | None = None) -> Area:
    """``found`` をすべて含み、余白を足した範囲。``left`` と ``right`` は、横の端（px）。"""
    boxes = [one.bounding_box() for one in found]
    x = left if left is not None else min(box["x"] for box in boxes) - MARGIN
    y = min(box["y"] for box in boxes) - MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    return x, y, right - x, bottom - y


# --- 写真 ---------------------------------------------------------------------


@picture
def take_17_runs(screen: Screen, records: Records) -> Area:
    """ランの一覧に、点数の列を足す。"""
    screen.open(f"experiments/{records.experiment('/17_mlflow_tracking')}/runs", 744)
    for label in ("Model training", "GenAI"):
        screen.find(label)
    columns = screen.press("Columns")
    menu = screen.page.locator("div:has(> span > input[placeholder='Search columns'])").locator(
        ".."
    )
    screen.find("Metrics", menu)
    for name in ("Dataset", "Source", "Models", "cv_auc", "cv_recall"):
        screen.press(name, menu)
    columns.click()
    for name, pixels in (("Run Name", 60), ("Created", 40)):
        narrow(screen, name, pixels)
    screen.page.locator(".ag-center-cols-viewport").evaluate("e => e.scrollLeft = 80")
    screen.mark("Columns")
    screen.mark("Run Name")
    screen.mark("cv_auc")
    last = screen.page.get_by_text("autolog", exact=True).first
    return area(screen.find("Columns"), last, left=206, right=722)


def narrow(screen: Screen, column: str, pixels: int) -> None:
    """一覧の列 ``column`` の右の境を引いて、``pixels`` だけ狭くする。"""
    box = screen.page.locator(".ag-header-cell", has_text=column).first.bounding_box()
    edge, middle = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    screen.page.mouse.move(edge, middle)
    screen.page.mouse.down()
    screen.page.mouse.move(edge - pixels, middle, steps=4)
    screen.page.mouse.up()


@picture
def take_17_run(screen: Screen, records: Records) -> Area:
    """選んだランのページ。"""
    open_run(screen, records, "/17_mlflow_tracking", "pipeline", 760)
    first = screen.mark("Overview")
    screen.mark("Model metrics")
    last = screen.mark("Artifacts")
    screen.mark("Datasets")
    return area(first, last, screen.find("Tags"), right=746)


@picture
def take_17_compare(screen: Screen, records: Records) -> Area:
    """2つのランの条件と点数を、違う行だけ並べる。"""
    compare(screen, records, "/17_mlflow_tracking", ["rf_v1", "rf_v2"])
    screen.mark("Show diff only").click()
    screen.mark("Show diff only", nth=1).click()
    last = screen.page.get_by_text("cv_f1", exact=True)
    return area(screen.find("Run Name"), last, left=206, right=806)


@picture
def take_17_steps(screen: Screen, records: Records) -> Area:
    """途中の点数の線。"""
    open_run(screen, records, "/17_mlflow_tracking", "boosting", 640)
    screen.press("Model metrics")
    first = screen.mark("valid_loss")
    first.scroll_into_view_if_needed()
    return area(first, screen.mark("Step", nth=1), left=206, right=624)


def open_run(screen: Screen, records: Records, experiment: str, name: str, width: int) -> None:
    """エクスペリメントの、``name`` のランのページを開く。"""
    number = records.experiment(experiment)
    screen.open(f"experiments/{number}/runs/{records.run(number, name)}", width, 1200)
    screen.find("About this run")


@picture
def take_24_versions(screen: Screen, records: Records) -> Area:
    """登録モデルのバージョンとエイリアス。"""
    shown = versions(screen, records.model(".late_model"))
    screen.find("Version 3")
    return shown


@picture
def take_24_version(screen: Screen, records: Records) -> Area:
    """バージョンのページの、署名。"""
    open_model(screen, f"models/{records.model('.late_model')}/versions/3")
    screen.find("Source Run")
    first = screen.mark("Schema")
    for name in ("Inputs", "Outputs"):
        screen.press(name)
    return area(first, screen.page.get_by_text("float64").last, left=206, right=766)


@picture
def take_24_source_run(screen: Screen, records: Records) -> Area:
    """バージョンの元のラン。"""
    open_run(screen, records, "/24_model_registry_demo", "table_v2", 680)
    datasets = screen.mark("Datasets")
    screen.mark("Registered models")
    return area(datasets, screen.page.get_by_text(".late_model"), left=206, right=664)


@picture
def take_35_versions(screen: Screen, records: Records) -> Area:
    """登録モデルのバージョンとエイリアス。"""
    return versions(screen, records.model(".churn_model"))


def versions(screen: Screen, model: str) -> Area:
    """登録モデルの、バージョンの表。"""
    open_model(screen, f"models/{model}")
    for label in ("Model registry", "Versions", "Tags", "Description", "Version 1", "Version 2"):
        screen.find(label)
    first = screen.mark("Version")
    screen.mark("Aliases")
    last = screen.page.get_by_text("@ production")
    end = last.bounding_box()["x"] + 130
    return area(first, last, screen.find("Version 1"), right=end)


def open_model(screen: Screen, path: str) -> None:
    """登録モデルの画面を開き、初めての時に重なる案内を閉じる。"""
    screen.open("models", 1120)
    screen.press("Try it now")
    screen.open(path, 1120, 1200)


@picture
def take_34_compare(screen: Screen, records: Records) -> Area:
    """2つのランの、違う条件だけを並べる。"""
    compare(screen, records, "/churn", ["logistic_balanced", "logistic"])
    screen.mark("Show diff only").click()
    last = screen.page.get_by_text("model__class_weight", exact=True).last
    return area(screen.find("Run Name"), last, left=206, right=806)


@picture
def take_34_scatter(screen: Screen, records: Records) -> Area:
    """4つのランを、2つの指標の散布図にする。"""
    experiment = records.experiment("/churn")
    batch = records.tag(experiment, "boosting", "batch")
    names = ("boosting", "logistic", "logistic_balanced", "forest")
    runs = [records.run(experiment, name, batch) for name in names]
    query = f"runs={json.dumps(runs)}&experiments={json.dumps([experiment])}"
    screen.open(f"compare-runs?{query}", 820, 1800)
    first = screen.mark("Scatter Plot")
    first.click()
    for axis, metric in (("X-axis", "training_roc_auc"), ("Y-axis", "val_auc")):
        screen.mark(axis)
        screen.page.locator(f"#{axis.lower()}-selector").click()
        screen.page.get_by_role("option", name=metric).click()
    x, y, width, height = area(first, screen.find("Run details"), left=206, right=806)
    return x, y, width, height - 75  # 図の下の、何も無い所は写さない


def compare(screen: Screen, records: Records, ending: str, names: list[str]) -> None:
    """ランの一覧を今回のまとまりに絞り、``names`` に印を付けて「Compare」を押す。"""
    experiment = records.experiment(ending)
    batch = records.tag(experiment, names[0], "batch")
    screen.open(f"experiments/{experiment}/runs", 820, 1800)
    screen.find("Columns")
    search = screen.page.get_by_placeholder("metrics.rmse")
    search.fill(f'tags.batch = "{batch}"')
    with screen.page.expect_response("**/runs/search"):
        search.press("Enter")
    rows = screen.page.locator(".ag-pinned-left-cols-container .ag-row")
    expect(rows).to_have_count(5, timeout=PATIENCE)
    for name in names:
        row = rows.filter(has=screen.page.get_by_text(name, exact=True))
        expect(row).to_have_count(1, timeout=PATIENCE)
        row.locator("input.ag-checkbox-input").check(force=True)
    screen.press("Compare")
    screen.find("Run details")
