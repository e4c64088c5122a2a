"""毎月のジョブの、どのタスクも使う部品。

タスクは、その月の記録が ``ops_log`` になければ動き、結果を1行書く。もうあれば、何もしない。
引数 ``model_name`` と ``model_version`` は、MLflow 3のデプロイジョブが渡すもので、毎月のジョブは渡さない。
"""

import argparse
import logging

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from pyspark.sql import SparkSession

NAMES = ("date", "catalog", "schema", "model", "experiment")
LOG = "month STRING, task STRING, result STRING, detail STRING"


def month_of(date):
    """ジョブが始まった日（UTC）の、前の月の1日。"""
    return pd.Timestamp(date).replace(day=1) - pd.DateOffset(months=1)


def run(task, work):
    """``work(spark, options)`` を、その月に1度だけ動かす。"""
    parser = argparse.ArgumentParser(prog=task)
    for name in NAMES:
        parser.add_argument(f"--{name}", required=True)
    for name in ("model_name", "model_version"):
        parser.add_argument(f"--{name}", default="")
    options = parser.parse_args()
    options.month = month_of(options.date)
    named = f"{options.catalog}.{options.schema}.{options.model}"
    options.model_name = options.model_name or named
    task = f"{task} {options.model_version}".rstrip()
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    spark = SparkSession.builder.getOrCreate()
    spark.catalog.setCurrentCatalog(options.catalog)
    spark.catalog.setCurrentDatabase(options.schema)
    if done := recorded(spark, options.month, task):
        print(f"{task:<9}済み    {done[0]}")
        return
    result, detail = work(spark, options)
    write(spark, (month_name(options.month), task, result, detail))
    print(f"{task:<9}動いた  {result} {detail}".rstrip())


def recorded(spark, month, task):
    """その月の、そのタスクの（結果, 詳しい値）。まだなければ ``None``。"""
    if not spark.catalog.tableExists("ops_log"):
        return None
    where = f"month = '{month_name(month)}' AND task = '{task}'"
    row = spark.table("ops_log").where(where).first()
    return row and (row["result"], row["detail"])


def write(spark, row):
    """1行足す。足すだけなら、同時に動くタスクどうしがぶつからない。"""
    spark.createDataFrame([row], LOG).write.mode("append").saveAsTable("ops_log")


def month_name(month):
    return f"{month:%Y-%m}"


def months_before(month, first, last=None):
    """``month`` の ``first`` か月前から ``last`` か月前までの、行を選ぶ条件。"""
    last = first if last is None else last
    start, end = (month - pd.DateOffset(months=back) for back in (first, last))
    return f"month BETWEEN '{start:%Y-%m-%d}' AND '{end:%Y-%m-%d}'"


def rows_of(spark, month, first, last=None):
    """特徴量の表の、``months_before`` の行。顧客と月の順。"""
    found = spark.table("churn_features").where(months_before(month, first, last))
    rows = found.orderBy("customer_id", "month").toPandas()
    return rows.assign(month=pd.to_datetime(rows["month"]))


def champion_version(model_name):
    """``champion`` の指すバージョン。モデルかエイリアスがなければ ``None``。"""
    try:
        aliases = mlflow.MlflowClient().get_registered_model(model_name).aliases
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return aliases.get("champion")


def load(model_name, version):
    return mlflow.sklearn.load_model(f"models:/{model_name}/{version}")
