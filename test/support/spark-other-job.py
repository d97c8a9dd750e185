"""Somebody else's Spark job, to compare with: JSON by a schema of its own, other rules, integer customers, CSV files.

    python spark-other-job.py BROKERS TOPIC FOLDER

Runs one query after the other, each over everything the topic holds, and leaves FOLDER/<query>/checkpoint and
FOLDER/<query>/table.csv.
"""

import csv
import pathlib
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ALLOW_MULTIPLE = "spark.sql.streaming.statefulOperator.allowMultiple"
# Query, type of the customer column, output mode, whether several stateful operators are allowed.
QUERIES = [
    ("ints", "int", "append", "true"),
    ("longs", "bigint", "update", "true"),
    ("single", "int", "append", "false"),
]
COLUMNS = [
    "window_start",
    "window_end",
    "store_id",
    "total_transactions",
    "total_revenue",
    "unique_customers",
    "avg_transaction_value",
]


def count_windows(spark, brokers, topic, customer_type):
    records = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", brokers)
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", "500")
        .load()
    )
    schema = f"store_id int, customer_id {customer_type}, event_time timestamp, final_amount decimal(10,2)"
    sales = records.select(F.from_json(F.col("value").cast("string"), schema).alias("sale")).select("sale.*")
    return (
        sales.withWatermark("event_time", "10 minutes")
        .groupBy(F.window("event_time", "1 minute"), "store_id")
        .agg(
            F.count(F.lit(1)).alias("total_transactions"),
            F.sum("final_amount").alias("total_revenue"),
            F.approx_count_distinct("customer_id").alias("unique_customers"),
            F.round(F.avg("final_amount"), 2).alias("avg_transaction_value"),
        )
        .select(
            F.date_format("window.start", "yyyy-MM-dd HH:mm:ss").alias("window_start"),
            F.date_format("window.end", "yyyy-MM-dd HH:mm:ss").alias("window_end"),
            *COLUMNS[2:],
        )
    )


def run_query(spark, brokers, topic, folder, customer_type, mode):
    rows = {}

    def write_batch(batch, _):
        for row in batch.collect():
            rows[(row["window_start"], row["store_id"])] = row

    query = (
        count_windows(spark, brokers, topic, customer_type)
        .writeStream.outputMode(mode)
        .option("checkpointLocation", str(folder / "checkpoint"))
        .trigger(availableNow=True)
        .foreachBatch(write_batch)
        .start()
    )
    query.awaitTermination()
    with open(folder / "table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([[row[column] for column in COLUMNS] for row in rows.values()])


def main():
    brokers, topic, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    spark = (
        SparkSession.builder.config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    for name, customer_type, mode, allows_multiple in QUERIES:
        (folder / name).mkdir(parents=True)
        spark.conf.set(ALLOW_MULTIPLE, allows_multiple)
        run_query(spark, brokers, topic, folder / name, customer_type, mode)
    spark.stop()


if __name__ == "__main__":
    main()
