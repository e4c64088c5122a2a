"""授業でよく使うSparkの操作をひととおり動かす。起動用の書庫に、使うクラスを記録させるため。"""

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main() -> None:
    spark = SparkSession.builder.getOrCreate()
    spark.sql("CREATE SCHEMA IF NOT EXISTS warmup")
    spark.sql("USE warmup")
    frame = pd.DataFrame({"key": [1, 2, 3], "value": [0.5, 1.5, None], "name": ["a", "b", "c"]})
    spark.createDataFrame(frame).write.mode("overwrite").saveAsTable("items")
    items = spark.table("items")
    items.write.mode("append").saveAsTable("items")
    items._repr_html_()
    items.groupBy("name").agg(F.count("*"), F.avg("value")).orderBy("name").toPandas()
    items.select(F.when(F.col("value") > 1, 1).otherwise(0).cast("double")).describe().toPandas()
    items.sample(0.5, seed=1).limit(2).collect()
    spark.sql("SELECT name, sum(value) AS total FROM items GROUP BY name ORDER BY total").toPandas()
    spark.sql("UPDATE items SET value = 2 WHERE key = 1")
    spark.sql(
        "MERGE INTO items AS t USING (SELECT 9 AS key, 1.0D AS value, 'z' AS name) AS s "
        "ON t.key = s.key WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    spark.sql("DESCRIBE HISTORY items").select("version", "operation").toPandas()
    spark.sql("SELECT count(*) FROM items VERSION AS OF 0").first()
    spark.sql("DROP TABLE items")
    spark.sql("DROP SCHEMA warmup")


if __name__ == "__main__":
    main()
