.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
MLFLOW_PORT ?= 5000
RUN := $(PYTHON) tools/bootstrap.py

.PHONY: help book slides notebooks test test-databricks legs serve pdf prepare lab mlflow start stop status doctor kernel lint prose bench trials binder scale mutants pictures lock clean

help: ## この一覧を表示する
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: ## 授業を実行し、本を _build/html に作る
	@$(RUN) tools.course.execute && $(RUN) tools.book

slides: ## 授業のスライドを _build/slides に作る（make book でも本に入る）
	@$(RUN) tools.course.execute && $(RUN) tools.book.decks

notebooks: ## 授業をノートブックに書き出す（_build/notebooks/）
	@$(RUN) tools.course.export

test-databricks: ## 書き出したノートブックを、Databricksと同じバージョンの環境などで動かす
	@$(RUN) tools.checks.databricks

legs: ## 「検証状況」の表の記録（book/legs.json）を書き直す
	@$(RUN) tools.checks.databricks --record

test: test-databricks book ## すべての試験をする
	@$(RUN) --dev tools.workspace run -- python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

serve: ## できた本を手元のブラウザーで読む（PORT=8000）
	@$(RUN) tools.book serve --port $(PORT)

pdf: book ## 本全体を、A4のPDF1つにする（_build/pdf/）
	@$(RUN) --dev tools.book.pdf

prepare: ## 授業をすぐ開けるように、すべて用意しておく
	@$(RUN) tools.course.work
	@$(RUN) tools.workspace prepare

lab: ## JupyterLabで授業を開く
	@$(RUN) tools.course.work
	@$(RUN) tools.workspace lab

mlflow: ## MLflowの画面を手元のブラウザーで開く（MLFLOW_PORT=5000）
	@$(RUN) tools.workspace mlflow --port $(MLFLOW_PORT)

start: ## ワークスペースを起動したままにする
	@$(RUN) tools.workspace start

stop: ## 起動したワークスペースを止める
	@$(RUN) tools.workspace stop

status: ## ワークスペースが動いているかを表示する
	@$(RUN) tools.workspace status

doctor: ## 足りないものと、次にすることを表示する
	@$(RUN) tools.workspace doctor

kernel: ## VS Codeから選べるカーネルを登録する
	@$(RUN) tools.workspace kernel

lint: ## 授業の書式と、サーバーレスで動かない書き方を調べる
	@$(RUN) --dev tools.checks.lint

prose: ## 日本語の文章を調べる
	@$(RUN) --dev tools.checks.prose

trials: ## 順番、ロケール、時刻、ネットワークなどを変えて20回動かし、同じ結果かを調べる
	@$(RUN) --dev tools.measure.trials

bench: ## 実行時間とメモリーを測り、比を表にする
	@$(RUN) --dev tools.measure.bench

binder: ## Binderの1回分を再現し、待ち時間とメモリーを測る
	@$(RUN) tools.measure.binder

scale: ## 人数とクラスターを変えて測り、付録の表を作り直す
	@$(RUN) --dev tools.measure.scale --save

mutants: ## 解答を小さく変えたものを確認にかけ、退けられるかを数える
	@$(RUN) tools.checks.mutants

pictures: ## 授業を動かし、MLflowの画面の写真を撮り直す
	@$(RUN) --dev tools.book.pictures

lock: ## 依存パッケージのバージョンを決め直す
	@$(RUN) lock

clean: ## 作ったものを消す（ワークスペースの表と記録は残す）
	@rm -rf _build node_modules
