"""Writes test/unit/base/data/spark-approx-count-distinct.json: what Spark itself answers.

    python -m venv venv && venv/bin/pip install pyspark==4.2.0 && venv/bin/python test/support/spark-golden.py
    npx biome format --write test/unit/base/data

Needs a JDK 17. Everything is seeded: a second run gives the same file.
"""

import json
import pathlib
import random

from pyspark.sql import SparkSession

TARGET = pathlib.Path(__file__).parent.parent / "unit" / "base" / "data" / "spark-approx-count-distinct.json"
COUNTS = [0, 1, 2, 10, 50, 100, 200, 300, 400, 500, 700, 1000, 1300, 2000, 3000, 5000, 10**4, 10**5, 10**6, 10**7]
TEXTS = [
    "", "a", "C000001", "abcd", "abcdefgh", "x" * 31, "x" * 32, "x" * 33, "x" * 100,
    "é", "naïve café", "İstanbul", "ıI", "你好", "😀", "👩‍👩‍👧", "\u0000", "a\u0000b", "\ufeffbom", "ß" * 40,
]  # fmt: skip
LONE_SURROGATES = ["\\ud800", "x\\udc00y", "\\ud83d\\ud83d\\ude00"]
INTS = [0, 1, -1, 42, 2147483647, -2147483648]
LONGS = [0, 1, -1, 42, 9007199254740993, 9223372036854775807, -9223372036854775808]


def as_hex(signed):
    return f"{signed & 0xFFFFFFFFFFFFFFFF:016x}"


# The values of a prefix: C000000, C000001, …, ids of at least six digits; 0, 1, 2 … as int; multiples of 2^32 + 1 as long.
PREFIXES = {
    "counts": "concat('C', lpad(cast(id as string), greatest(6, length(id)), '0'))",
    "intCounts": "cast(id as int)",
    "longCounts": "id * 4294967297L",
}


def estimates_of_prefixes(spark, value):
    """[count, approx_count_distinct over the first `count` values] for each of COUNTS."""
    return [
        [count, spark.range(count).selectExpr(f"approx_count_distinct({value}) as n").first()["n"]] for count in COUNTS
    ]


def sweep(spark):
    """Estimates at every size in a range where the three estimators meet, each over ids of its own."""
    sizes = spark.range(0, 3200, 8).withColumnRenamed("id", "size")
    rows = (
        sizes.selectExpr("size", "explode(sequence(0, size)) as at")
        .where("at < size")
        .selectExpr("size", "concat('W', size, '-', at) as id")
        .groupBy("size")
        .agg({"id": "approx_count_distinct"})
        .orderBy("size")
        .collect()
    )
    return [list(row) for row in rows]


def draw_register(draw, hashes):
    """The largest rank, 1 + geometric(1/2), of `hashes` hashes, by inversion; a share below one is a chance of one."""
    if draw.random() >= hashes:
        return 0
    share = draw.random() ** (1 / max(hashes, 1))
    rank = 1
    while rank < 56 and 1 - 2.0**-rank < share:
        rank += 1
    return rank


def query_registers(spark, draw):
    """Random register files, as 52 words in hex, and the estimate of Spark's helper for each."""
    jvm = spark._jvm
    helper = jvm.org.apache.spark.sql.catalyst.util.HyperLogLogPlusPlusHelper(0.05)
    fields = ", ".join(f"w{index} bigint" for index in range(52))
    schema = jvm.org.apache.spark.sql.types.StructType.fromDDL(fields)
    found = []
    for exponent in [0, 4, 7, 8, 9, 9.5, 10, 10.5, 11, 11.2, 11.4, 12, 14, 18, 24, 30, 36, 42, 46]:
        for _ in range(3):
            registers = [draw_register(draw, 2**exponent / 512) for _ in range(512)]
            words = [
                sum(rank << (6 * place) for place, rank in enumerate(registers[at : at + 10]))
                for at in range(0, 512, 10)
            ]
            row = jvm.org.apache.spark.sql.catalyst.expressions.SpecificInternalRow(schema)
            for index, word in enumerate(words):
                row.setLong(index, word)
            found.append({"words": "".join(as_hex(word) for word in words), "estimate": helper.query(row, 0)})
    return found


def estimate_biases(spark, draw):
    helper = spark._jvm.org.apache.spark.sql.catalyst.util.HyperLogLogPlusPlusHelper(0.05)
    raws = [360.0, 369.0, 374.8294, 2540.7028, 2553.768, 2559.9] + [draw.uniform(365, 2560) for _ in range(400)]
    return [[raw, helper.estimateBias(raw)] for raw in raws]


def main():
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    draw = random.Random(20250106)
    texts = spark.createDataFrame([(text,) for text in TEXTS], "text string")
    escaped = spark.createDataFrame([('{"text":"%s"}' % text,) for text in LONE_SURROGATES], "json string")
    golden = {
        "spark": spark.version,
        **{name: estimates_of_prefixes(spark, value) for name, value in PREFIXES.items()},
        "sweep": sweep(spark),
        "texts": {
            "values": TEXTS,
            "hashes": [as_hex(row[0]) for row in texts.selectExpr("xxhash64(text)").collect()],
            "estimate": texts.selectExpr("approx_count_distinct(text)").first()[0],
        },
        "loneSurrogates": [
            [text, as_hex(row[0])]
            for text, row in zip(
                LONE_SURROGATES, escaped.selectExpr("xxhash64(from_json(json, 'text string').text)").collect()
            )
        ],
        "ints": [[value, as_hex(spark.sql(f"select xxhash64(cast('{value}' as int))").first()[0])] for value in INTS],
        "longs": [
            [as_hex(value), as_hex(spark.sql(f"select xxhash64(cast('{value}' as bigint))").first()[0])]
            for value in LONGS
        ],
        "registers": query_registers(spark, draw),
        "biases": estimate_biases(spark, draw),
    }
    spark.stop()
    TARGET.write_text(json.dumps(golden, ensure_ascii=True, indent=None, separators=(",", ":")) + "\n")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
