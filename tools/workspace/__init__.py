"""手元のワークスペース: Spark Connectサーバー、Deltaの表、MLflowの記録。授業のことは知らない。"""
