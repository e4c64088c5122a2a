"""カーネルの設定。Spark ConnectのDataFrameを、HTMLの表で見せる。

Spark ConnectのDataFrameはどんな名前の属性にも答えるので、IPythonはHTMLの表示があることに気づかない。
文字の表示を求めると同じ計算をもう一度することになるので、型の名前だけにする。

本を作る時（BOOK_FIGURES がある時）は、図をSVGで残す。拡大してもぼやけず、字は輪郭なので書体が要らない。
"""

import os

DATAFRAME = ("pyspark.sql.connect.dataframe", "DataFrame")


def as_html(table):
    """pandasの表と同じ見た目になるように、同じ名前のクラスを付ける。"""
    html = table._repr_html_()
    return html and html.replace("<table border='1'>", '<table border="1" class="dataframe">')


c = get_config()  # noqa: F821
c.HTMLFormatter.deferred_printers = {DATAFRAME: as_html}
c.PlainTextFormatter.deferred_printers = {
    DATAFRAME: lambda table, printer, cycle: printer.text("Spark DataFrame")
}

if "BOOK_FIGURES" in os.environ:
    c.InlineBackend.figure_formats = {"svg"}
    c.InlineBackend.rc = {"svg.hashsalt": "book"}  # 何度描いても同じ中身にする
    c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
