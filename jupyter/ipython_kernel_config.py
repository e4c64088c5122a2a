"""カーネルの設定。Spark ConnectのDataFrameを、HTMLの表で見せる。

Spark ConnectのDataFrameはどんな名前の属性にも答えるので、IPythonはHTMLの表示があることに気づかない。
文字の表示を求めると同じ計算をもう一度することになるので、型の名前だけにする。
"""

DATAFRAME = ("pyspark.sql.connect.dataframe", "DataFrame")

c = get_config()  # noqa: F821
c.HTMLFormatter.deferred_printers = {DATAFRAME: lambda table: table._repr_html_()}
c.PlainTextFormatter.deferred_printers = {
    DATAFRAME: lambda table, printer, cycle: printer.text("Spark DataFrame")
}
