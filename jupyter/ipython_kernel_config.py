"""カーネルの設定。Spark ConnectのDataFrameを、HTMLの表で見せる。

Spark ConnectのDataFrameはどんな名前の属性にも答えるので、IPythonはHTMLの表示があることに気づかない。
文字の表示を求めると同じ計算をもう一度することになるので、型の名前だけにする。
"""

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
