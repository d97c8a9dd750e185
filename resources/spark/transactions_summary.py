"""Sales from Kafka, counted per minute and store by Spark, into PostgreSQL.

    spark-submit --packages … transactions_summary.py --brokers host:9092 --checkpoint DIR --mode append

The query: one-minute tumbling windows over the event time, a watermark ten minutes behind the newest event, and for each
window and store the number of sales, their revenue, the distinct customers and the average. README.md beside this file
says how to run it; `--help` lists the arguments.

1. A record is a sale, a tombstone, or rejected with one reason, by the rules that Storepulse itself decodes by; see
   `decode_sale`. Only sales are counted, and only they move the watermark. No event is too far in the future, unless
   `--max-future` says how far it may lie after its record's own timestamp.
2. Money is summed in integer cents and divided once, half away from zero.
3. Every batch is one transaction that can be done over: known rows are updated, new ones inserted, `id` and `created_at`
   stay as they were.
4. Times are UTC, whatever the machines' zones.

Everything above `main` that decodes needs nothing but Python 3.8's own library.
"""

import argparse
import json
import os
import re
import sys
import urllib.parse

# ---------------------------------------------------------------------------------------------------------------------
# The rules: bytes in, one outcome out.
# ---------------------------------------------------------------------------------------------------------------------

REASONS = (
    "too_large",
    "not_utf8",
    "schema_framed",
    "not_json",
    "not_object",
    "too_deep",
    "missing_field",
    "wrong_type",
    "bad_amount",
    "bad_time",
)
RANK = {reason: rank for rank, reason in enumerate(REASONS)}

MAX_VALUE_BYTES = 1_048_576
MAX_DEPTH = 32
MAX_STORE_ID = 2_147_483_647
MAX_SAFE_INTEGER = 9_007_199_254_740_991
CENTS_LIMIT = 10_000_000_000
FIRST_EPOCH_MS = 946_684_800_000
END_EPOCH_MS = 4_102_444_800_000
DAY_MS = 86_400_000
FIRST_INSTANT_MS = -62_135_596_800_000
END_INSTANT_MS = 253_402_300_800_000

PAYMENT_METHODS = ("card", "cash", "mobile", "gift_card")
KINDS = ("sale", "refund")

CANONICAL_STORE_ID = re.compile(r"[1-9][0-9]{0,9}")
DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
ISO_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?([Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
)
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

JSON_SPACE = re.compile(r"[ \t\n\r]*")
JSON_SCALAR = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null"
)


class Rejected(Exception):
    """Carries one of REASONS for the record as a whole."""


def refuse_constant(name):
    raise ValueError(name)


json_decoder = None


def find_json_decoder():
    """Made where it is first used: a worker is sent these functions, and a decoder cannot be sent."""
    global json_decoder
    if json_decoder is None:
        # Every number is a double, as in JavaScript: 1.0 is an integer, and no integer is longer than a double holds.
        json_decoder = json.JSONDecoder(parse_float=float, parse_int=float, parse_constant=refuse_constant)
    return json_decoder


def decode_sale(value):
    """One value of the topic `retail-transactions`, as bytes; None is a tombstone.

    Returns (outcome, path, store_id, customer_id, event_time_ms, cents). The outcome is `sale`, `tombstone` or one of
    REASONS, the first that holds in their order; `path` is the JSON pointer of the field at fault, empty for the record
    as a whole. No value makes it raise.

    Required: transaction_id [txn_id], store_id (1 … 2^31-1), customer_id, event_time [timestamp], final_amount [amount];
    an alias counts where its field is absent, and null is absent. The rest is checked if present: products (a list of
    objects with quantity >= 1 and unit_price >= 0), subtotal, discount, tax, payment_method, kind. A refund's amount is
    <= 0, a sale's >= 0. Amounts are numbers or decimal texts; what is finer than a cent is rounded half away from zero on
    the shortest decimal that round-trips the number. Times are ISO-8601, UTC where they name no zone, or integer epoch
    milliseconds from 2000 up to 2100.
    """
    if value is None:
        return ("tombstone", "", None, None, None, None)
    try:
        record = read_object(value)
    except Rejected as rejected:
        return (rejected.args[0], "", None, None, None, None)
    return read_sale(record)


def read_object(value):
    if len(value) > MAX_VALUE_BYTES:
        raise Rejected("too_large")
    # A zero byte and four of a schema's id come before a value that a schema registry knows.
    framed = value[:1] == b"\0"
    try:
        text = bytes(value[5:] if framed else value).decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected("not_utf8") from None
    if text.startswith("\ufeff"):
        text = text[1:]
    parsed = parse_json(text, "schema_framed" if framed else "not_json")
    if not isinstance(parsed, dict):
        raise Rejected("not_object")
    if is_deeper_than(text, MAX_DEPTH):
        raise Rejected("too_deep")
    return parsed


def parse_json(text, otherwise):
    try:
        parsed, end = find_json_decoder().raw_decode(text, JSON_SPACE.match(text).end())
        if JSON_SPACE.match(text, end).end() != len(text):
            raise Rejected(otherwise)
        return parsed
    except ValueError:
        raise Rejected(otherwise) from None
    except RecursionError:
        # Deeper than the parser goes, and so deeper than what is accepted, if it is JSON at all.
        if not is_json(text):
            raise Rejected(otherwise) from None
        raise Rejected("not_object" if text.lstrip(" \t\n\r").startswith("[") else "too_deep") from None


def is_json(text):
    """Whether the text is JSON, however deep it nests."""
    open_brackets = []
    at = JSON_SPACE.match(text).end()
    wants_value = True
    while True:
        mark = text[at : at + 1]
        if wants_value and mark in ("{", "["):
            open_brackets.append(mark)
            at = JSON_SPACE.match(text, at + 1).end()
            if text[at : at + 1] == ("}" if mark == "{" else "]"):
                wants_value = False
            elif mark == "{":
                at = skip_key(text, at)
        elif wants_value:
            scalar = JSON_SCALAR.match(text, at)
            if scalar is None:
                return False
            at = scalar.end()
            wants_value = False
        elif not open_brackets:
            return at == len(text)
        elif mark == ",":
            at = JSON_SPACE.match(text, at + 1).end()
            if open_brackets[-1] == "{":
                at = skip_key(text, at)
            wants_value = True
        elif mark == ("}" if open_brackets[-1] == "{" else "]"):
            open_brackets.pop()
            at += 1
        else:
            return False
        if at < 0:
            return False
        at = JSON_SPACE.match(text, at).end()


def skip_key(text, at):
    """Where the value of the key at `at` begins; -1 if there is no key."""
    key = JSON_SCALAR.match(text, at)
    if key is None or text[at] != '"':
        return -1
    at = JSON_SPACE.match(text, key.end()).end()
    return at + 1 if text[at : at + 1] == ":" else -1


def is_deeper_than(text, limit):
    """Whether JSON nests deeper than `limit`; what a repeated key hides counts too."""
    if text.count("{") + text.count("[") <= limit:
        return False
    depth = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        if mark in ("{", "["):
            depth += 1
            if depth > limit:
                return True
        elif mark in ("}", "]"):
            depth -= 1
    return False


def read_sale(record):
    found = []

    def note(reason, path):
        # Within one reason the first that was noted stays.
        if not found or RANK[reason] < RANK[found[0][0]]:
            found[:] = [(reason, path)]

    for name, alias in (("transaction_id", "txn_id"), ("store_id", None), ("customer_id", None)):
        name = choose_name(record, name, alias)
        given = record.get(name)
        read = read_store_id(given) if name == "store_id" else read_identifier(given)
        if given is None or read == "":
            note("missing_field", "/" + name)
        elif read is None:
            note("wrong_type", "/" + name)
        if name == "store_id":
            store_id = read
        elif name == "customer_id":
            customer_id = read

    name = choose_name(record, "event_time", "timestamp")
    event_time_ms = "missing_field" if record.get(name) is None else read_event_time(record[name])
    if isinstance(event_time_ms, str):
        note(event_time_ms, "/" + name)

    name = choose_name(record, "final_amount", "amount")
    amount = "missing_field" if record.get(name) is None else read_amount(record[name])
    if isinstance(amount, str):
        note(amount, "/" + name)
    elif amount[1] == (1 if record.get("kind") == "refund" else -1):
        note("bad_amount", "/" + name)

    check_products(record.get("products"), note)
    for name in ("subtotal", "discount", "tax"):
        if record.get(name) is not None:
            read = read_amount(record[name])
            if isinstance(read, str):
                note(read, "/" + name)
    for name, choices in (("payment_method", PAYMENT_METHODS), ("kind", KINDS)):
        if record.get(name) is not None and record[name] not in choices:
            note("wrong_type", "/" + name)

    if found:
        return (found[0][0], found[0][1], None, None, None, None)
    return ("sale", "", store_id, customer_id, event_time_ms, amount[0])


def choose_name(record, name, alias):
    return alias if alias and record.get(name) is None and record.get(alias) is not None else name


def is_integer(value, least, most):
    return type(value) is float and least <= value <= most and value == int(value)


def read_identifier(value):
    if isinstance(value, str):
        return value
    return str(int(value)) if is_integer(value, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) else None


def read_store_id(value):
    if isinstance(value, str) and CANONICAL_STORE_ID.fullmatch(value):
        value = float(value)
    return int(value) if is_integer(value, 1, MAX_STORE_ID) else None


def check_products(products, note):
    if products is None:
        return
    if not isinstance(products, list):
        note("wrong_type", "/products")
        return
    for index, product in enumerate(products):
        path = "/products/%d" % index
        if not isinstance(product, dict):
            note("wrong_type", path)
            continue
        if product.get("product_id") is not None and read_identifier(product["product_id"]) is None:
            note("wrong_type", path + "/product_id")
        for name in ("name", "category"):
            if product.get(name) is not None and not isinstance(product[name], str):
                note("wrong_type", path + "/" + name)
        if product.get("quantity") is not None and not is_integer(product["quantity"], 1, MAX_SAFE_INTEGER):
            note("wrong_type", path + "/quantity")
        if product.get("unit_price") is not None:
            price = read_amount(product["unit_price"])
            if isinstance(price, str):
                note(price, path + "/unit_price")
            elif price[1] < 0:
                note("bad_amount", path + "/unit_price")


def read_amount(value):
    """(cents, sign before rounding), or the reason why it is no amount."""
    if type(value) is float:
        if value == 0:
            return (0, 0)
        cents = round(value * 100) if abs(value) < CENTS_LIMIT else CENTS_LIMIT
        # The double nearest to whole cents has those cents as its shortest decimal.
        if cents / 100 == value and abs(cents) < CENTS_LIMIT:
            return (cents, -1 if value < 0 else 1)
        return read_decimal(repr(value)) if abs(value) != float("inf") else "bad_amount"
    return read_decimal(value) if isinstance(value, str) else "wrong_type"


def read_decimal(text):
    match = DECIMAL.fullmatch(text)
    if match is None:
        return "bad_amount" if text in ("NaN", "Infinity", "-Infinity") else "wrong_type"
    sign, whole, fraction, exponent = match.groups()
    written = whole + (fraction or "")
    digits = written.lstrip("0")
    if digits == "":
        return (0, 0)
    # A double is enough: only whether the point lies within a few digits matters.
    point = len(whole) - (len(written) - len(digits)) + float(exponent or 0)
    return round_digits(-1 if sign == "-" else 1, digits, point)


def round_digits(sign, digits, point):
    """0.<digits> times 10^point in cents, half away from zero."""
    if point > 8:
        return "bad_amount"
    if point < -2:
        return (0, sign)
    kept = int(point) + 2
    cents = int(digits[:kept].ljust(kept, "0") or "0")
    if digits[kept : kept + 1] >= "5":
        cents += 1
    return "bad_amount" if cents >= CENTS_LIMIT else (sign * cents, sign)


def read_event_time(value):
    """Milliseconds since the epoch, or the reason why it is no time."""
    if type(value) is float:
        return int(value) if is_integer(value, FIRST_EPOCH_MS, END_EPOCH_MS - 1) else "bad_time"
    if not isinstance(value, str):
        return "wrong_type"
    match = ISO_TIME.fullmatch(value)
    if match is None:
        return "bad_time"
    year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
    if not 1 <= month <= 12 or not 1 <= day <= count_days(year, month) or hour > 23 or minute > 59 or second > 59:
        return "bad_time"
    offset_hours, offset_minutes = int(match[10] or 0), int(match[11] or 0)
    if offset_hours > 23 or offset_minutes > 59:
        return "bad_time"
    offset_ms = (-1 if match[9] == "-" else 1) * (offset_hours * 60 + offset_minutes) * 60_000
    milliseconds = int((match[7] or "")[:3].ljust(3, "0"))
    seconds = (hour * 60 + minute) * 60 + second
    instant_ms = days_since_epoch(year, month, day) * DAY_MS + seconds * 1_000 + milliseconds - offset_ms
    return instant_ms if FIRST_INSTANT_MS <= instant_ms < END_INSTANT_MS else "bad_time"


def count_days(year, month):
    leaps = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leaps else DAYS_IN_MONTH[month - 1]


def days_since_epoch(year, month, day):
    """Of the proleptic Gregorian calendar, the year 0 included; years begin in March here, so that leap days end them."""
    year -= month <= 2
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719_468


# ---------------------------------------------------------------------------------------------------------------------
# The query.
# ---------------------------------------------------------------------------------------------------------------------

DECODED = "outcome string, store_id int, customer_id string, event_time_ms bigint, cents bigint"
# What transactions_summary can hold, in cents.
MAX_REVENUE_CENTS = 999_999_999_999


def decode_row(value):
    outcome, _, store_id, customer_id, event_time_ms, cents = decode_sale(value)
    # A surrogate on its own has no UTF-8; Java writes a question mark for it.
    customer = None if customer_id is None else customer_id.encode("utf-8", "replace").decode("utf-8")
    return (outcome, store_id, customer, event_time_ms, cents)


def read_sales(spark, kafka_options, max_future_ms=None):
    """The records of the topic, decoded. Counts them as the observation `records`, which the query's progress shows."""
    from pyspark.sql import functions as F

    # Decoded once, not once for the filter and once for the rest.
    decode = F.udf(decode_row, DECODED).asNondeterministic()
    records = spark.readStream.format("kafka").options(**kafka_options).load()
    decoded = records.select(decode("value").alias("record"), "timestamp").select("record.*", "timestamp")
    if max_future_ms is not None:
        latest_ms = F.unix_millis("timestamp") + F.lit(max_future_ms)
        outcome = F.when(F.col("event_time_ms") > latest_ms, "future_time").otherwise(F.col("outcome"))
        decoded = decoded.withColumn("outcome", outcome)
    counted = decoded.observe(
        "records",
        F.count(F.lit(1)).alias("received"),
        F.count_if(F.col("outcome") == "sale").alias("sales"),
        F.count_if(F.col("outcome") == "tombstone").alias("tombstones"),
        F.count_if(~F.col("outcome").isin("sale", "tombstone")).alias("invalid"),
    )
    return counted.where("outcome = 'sale'").select(
        "store_id", "customer_id", "cents", F.timestamp_millis("event_time_ms").alias("event_time")
    )


def aggregate(sales):
    from pyspark.sql import functions as F

    windows = (
        sales.withWatermark("event_time", "10 minutes")
        .groupBy(F.window("event_time", "1 minute"), "store_id")
        .agg(
            F.count(F.lit(1)).alias("transactions"),
            F.sum("cents").alias("cents"),
            F.approx_count_distinct("customer_id").alias("customers"),
        )
    )
    return windows.select(
        F.date_format("window.start", "yyyy-MM-dd HH:mm:ss").alias("window_start"),
        F.date_format("window.end", "yyyy-MM-dd HH:mm:ss").alias("window_end"),
        "store_id",
        "transactions",
        "cents",
        "customers",
    )


CREATE_TABLE = """
CREATE TABLE transactions_summary (
  id serial PRIMARY KEY,
  window_start timestamp NOT NULL,
  window_end timestamp NOT NULL,
  store_id integer NOT NULL,
  total_transactions integer,
  total_revenue decimal(12, 2),
  unique_customers integer,
  avg_transaction_value decimal(10, 2),
  created_at timestamp DEFAULT current_timestamp,
  UNIQUE (window_start, store_id)
)
"""
CREATE_INDEX = "CREATE INDEX idx_window_start ON transactions_summary (window_start)"

# Cents divided once, half away from zero; a sum that the table cannot hold is written as null.
FRESH = f"""
WITH given AS (
  SELECT * FROM json_to_recordset(CAST(? AS json)) AS row(
    window_start timestamp, window_end timestamp, store_id integer, transactions bigint, cents numeric, customers bigint)
), fresh AS (
  SELECT window_start, window_end, store_id, transactions AS total_transactions, customers AS unique_customers,
    CASE WHEN abs(cents) <= {MAX_REVENUE_CENTS} THEN round(cents / 100, 2) END AS total_revenue,
    CASE WHEN abs(cents) <= {MAX_REVENUE_CENTS}
      THEN sign(cents) * div(2 * abs(cents) + transactions, 2 * transactions) / 100 END AS avg_transaction_value
  FROM given
)
"""
VALUES = "total_transactions, total_revenue, unique_customers, avg_transaction_value"
# An upsert takes a number from the id's sequence for every row it is given, an update none.
UPDATE = f"""{FRESH}
UPDATE transactions_summary AS known
SET window_end = fresh.window_end, total_transactions = fresh.total_transactions, total_revenue = fresh.total_revenue,
  unique_customers = fresh.unique_customers, avg_transaction_value = fresh.avg_transaction_value
FROM fresh
WHERE known.window_start = fresh.window_start AND known.store_id = fresh.store_id
  AND (known.total_transactions, known.total_revenue, known.unique_customers, known.avg_transaction_value)
    IS DISTINCT FROM
    (fresh.total_transactions, fresh.total_revenue, fresh.unique_customers, fresh.avg_transaction_value)
"""
INSERT = f"""{FRESH}
INSERT INTO transactions_summary (window_start, window_end, store_id, {VALUES})
SELECT window_start, window_end, store_id, {VALUES} FROM fresh
WHERE NOT EXISTS (
  SELECT FROM transactions_summary AS known
  WHERE known.window_start = fresh.window_start AND known.store_id = fresh.store_id)
ORDER BY window_start, store_id
ON CONFLICT (window_start, store_id) DO UPDATE
SET window_end = excluded.window_end, total_transactions = excluded.total_transactions,
  total_revenue = excluded.total_revenue, unique_customers = excluded.unique_customers,
  avg_transaction_value = excluded.avg_transaction_value
"""


class Warehouse:
    """PostgreSQL, through the JDBC driver that Spark was started with."""

    def __init__(self, spark, url, user, password):
        self.jvm = spark._jvm
        self.url, self.user, self.password = url, user, password

    def connect(self):
        properties = self.jvm.java.util.Properties()
        for name, value in (("user", self.user), ("password", self.password), ("ApplicationName", "storepulse-spark")):
            if value:
                properties.setProperty(name, value)
        properties.setProperty("connectTimeout", "10")
        properties.setProperty("tcpKeepAlive", "true")
        connection = self.jvm.org.postgresql.Driver().connect(self.url, properties)
        connection.setAutoCommit(False)
        return connection

    def run(self, connection, sql, text=None):
        statement = connection.prepareStatement(sql)
        try:
            if text is not None:
                statement.setString(1, text)
            statement.execute()
        finally:
            statement.close()

    def create_table(self):
        """Makes the table unless it is there. Leaves one that is there as it is."""
        connection = self.connect()
        try:
            statement = connection.createStatement()
            known = statement.executeQuery("SELECT to_regclass('transactions_summary') IS NOT NULL")
            known.next()
            if not known.getBoolean(1):
                self.run(connection, CREATE_TABLE)
                self.run(connection, CREATE_INDEX)
            connection.commit()
        finally:
            connection.close()

    def write(self, rows, chunk=10_000):
        """All rows in one transaction."""
        connection = self.connect()
        try:
            self.run(connection, "SET LOCAL TIME ZONE 'UTC'")
            texts = []
            for row in rows:
                texts.append(row[0])
                if len(texts) == chunk:
                    self.write_chunk(connection, texts)
                    texts = []
            if texts:
                self.write_chunk(connection, texts)
            connection.commit()
        finally:
            # Without the commit this rolls back.
            connection.close()

    def write_chunk(self, connection, texts):
        text = "[" + ",".join(texts) + "]"
        self.run(connection, UPDATE, text)
        self.run(connection, INSERT, text)


# ---------------------------------------------------------------------------------------------------------------------
# Arguments and environment.
# ---------------------------------------------------------------------------------------------------------------------


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="transactions_summary.py",
        description="Counts the sales of a Kafka topic per minute and store into PostgreSQL's transactions_summary.",
        epilog="Passwords belong in the environment: STOREPULSE_KAFKA_SASL_USERNAME and _PASSWORD, and "
        "STOREPULSE_DATABASE_URL, DATABASE_URL or PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE.",
    )
    parser.add_argument("--brokers", default=os.environ.get("STOREPULSE_KAFKA_BROKERS"), help="host:port,…")
    parser.add_argument("--topic", default="retail-transactions")
    parser.add_argument("--jdbc-url", help="jdbc:postgresql://… or postgres://…; else from the environment")
    parser.add_argument("--checkpoint", required=True, help="directory of the query's progress; its own, and kept")
    parser.add_argument(
        "--mode", choices=("append", "update"), default="append", help="rows once final, or at every change"
    )
    parser.add_argument("--trigger", default="5s", type=read_trigger, help="500ms, 30s, 5m, or available-now")
    parser.add_argument(
        "--max-future",
        type=read_milliseconds,
        metavar="DURATION",
        help="rejects events this much later than their records' timestamps; one of them alone closes every window",
    )
    parser.add_argument("--starting-offsets", default="earliest", help="where a new checkpoint begins")
    parser.add_argument("--starting-timestamp", type=int, metavar="MS", help="the same by time, epoch milliseconds")
    parser.add_argument("--max-offsets-per-trigger", type=int, help="largest batch, in records")
    parser.add_argument(
        "--kafka-option", action="append", default=[], metavar="KEY=VALUE", help="as in a client.properties"
    )
    parser.add_argument("--kafka-properties", metavar="FILE", help="a client.properties")
    parsed = parser.parse_args(arguments)
    if not parsed.brokers:
        parser.error("no brokers: give --brokers or set STOREPULSE_KAFKA_BROKERS")
    return parsed


def read_milliseconds(text):
    match = re.fullmatch(r"([0-9]+)(ms|s|m|h)", text)
    if match is None:
        raise argparse.ArgumentTypeError("must be a duration such as 500ms, 30s or 5m")
    return int(match[1]) * {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}[match[2]]


def read_trigger(text):
    if text == "available-now":
        return {"availableNow": True}
    return {"processingTime": f"{read_milliseconds(text)} milliseconds"}


def read_properties(lines):
    """The keys and values of a properties file without its rarer escapes."""
    properties = {}
    for line in lines:
        match = re.fullmatch(r"\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*?)\s*", line.rstrip("\n"))
        if match:
            properties[match[1]] = match[2]
    return properties


def find_variable(environment, name):
    """STOREPULSE_KAFKA_<name>, or what the file holds that STOREPULSE_KAFKA_<name>_FILE names; None where neither is set."""
    variable = f"STOREPULSE_KAFKA_{name}"
    if environment.get(f"{variable}_FILE"):
        with open(environment[f"{variable}_FILE"], encoding="utf-8") as file:
            return file.read().rstrip("\r\n")
    return environment.get(variable) or None


def find_pem(environment, name):
    """PEM from a variable that holds it or the path of a file of it."""
    value = find_variable(environment, name)
    if value is None or "-----BEGIN " in value:
        return value and value.replace("\\n", "\n")
    with open(os.path.expanduser(value), encoding="utf-8") as file:
        return file.read()


def quote_jaas(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_security(environment):
    """The variables of Storepulse's own settings, as properties of a Kafka client; PEM goes in as text, so that workers
    need no files."""
    properties = {}
    named = (("security.protocol", "SECURITY"), ("sasl.mechanism", "SASL_MECHANISM"), ("isolation.level", "ISOLATION"))
    for key, name in named:
        value = find_variable(environment, name)
        if value:
            properties[key] = value if key == "isolation.level" else value.upper()
    ca, chain, key = (find_pem(environment, name) for name in ("SSL_CA", "SSL_CERT", "SSL_KEY"))
    if ca:
        properties.update({"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca})
    if chain:
        properties.update(
            {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": chain, "ssl.keystore.key": key or chain}
        )
        if find_variable(environment, "SSL_PASSPHRASE"):
            properties["ssl.key.password"] = find_variable(environment, "SSL_PASSPHRASE")
    if find_variable(environment, "SSL_VERIFY_HOST") == "false":
        properties["ssl.endpoint.identification.algorithm"] = ""
    return properties


JAAS = "org.apache.kafka.common.security"


def sign_in(mechanism, environment):
    """Properties by which the user or the client that the environment names signs in; none where it names nobody."""
    if mechanism == "OAUTHBEARER":
        names = (("clientId", "OAUTH_CLIENT_ID"), ("clientSecret", "OAUTH_CLIENT_SECRET"), ("scope", "OAUTH_SCOPE"))
        url = find_variable(environment, "OAUTH_TOKEN_URL")
        module, more = f"{JAAS}.oauthbearer.OAuthBearerLoginModule", {
            "sasl.oauthbearer.token.endpoint.url": url,
            "sasl.login.callback.handler.class": f"{JAAS}.oauthbearer.OAuthBearerLoginCallbackHandler",
        }
        if url is None:
            return {}
    else:
        names = (("username", "SASL_USERNAME"), ("password", "SASL_PASSWORD"))
        scram = mechanism.startswith("SCRAM")
        module, more = f"{JAAS}.scram.ScramLoginModule" if scram else f"{JAAS}.plain.PlainLoginModule", {}
    given = [(option, find_variable(environment, name)) for option, name in names]
    options = " ".join(f"{option}={quote_jaas(value)}" for option, value in given if value)
    return {"sasl.jaas.config": f"{module} required {options};", **more} if options else {}


def choose_kafka_options(arguments, environment):
    """Options of Spark's Kafka source: the environment's security, over it the properties file, over it the arguments."""
    properties = {"isolation.level": "read_committed", **read_security(environment)}
    if arguments.kafka_properties:
        with open(arguments.kafka_properties, encoding="utf-8") as file:
            properties.update(read_properties(file))
    properties.update(read_properties(arguments.kafka_option))
    signs_in = "SASL" in properties.get("security.protocol", "") and "sasl.jaas.config" not in properties
    if signs_in:
        properties = {**sign_in(properties.get("sasl.mechanism", "PLAIN"), environment), **properties}
    options = {f"kafka.{name}": value for name, value in properties.items()}
    options["kafka.bootstrap.servers"] = arguments.brokers
    options["subscribe"] = arguments.topic
    if arguments.starting_timestamp is None:
        options["startingOffsets"] = arguments.starting_offsets
    else:
        options["startingTimestamp"] = str(arguments.starting_timestamp)
        options["startingOffsetsByTimestampStrategy"] = "latest"
    if arguments.max_offsets_per_trigger:
        options["maxOffsetsPerTrigger"] = str(arguments.max_offsets_per_trigger)
    return options


def choose_warehouse(jdbc_url, environment):
    """(JDBC URL without user and password, user, password) from an address and the variables that libpq reads."""
    url = jdbc_url or environment.get("STOREPULSE_DATABASE_URL") or environment.get("DATABASE_URL")
    user, password = environment.get("PGUSER"), environment.get("PGPASSWORD")
    if url is None:
        host, port = environment.get("PGHOST", "localhost"), environment.get("PGPORT", "5432")
        database = environment.get("PGDATABASE") or user or "postgres"
        url = f"postgresql://{host}:{port}/{urllib.parse.quote(database, safe='')}"
    parts = urllib.parse.urlsplit(url[len("jdbc:") :] if url.startswith("jdbc:") else url)
    options = dict(urllib.parse.parse_qsl(parts.query))
    user = options.pop("user", None) or urllib.parse.unquote(parts.username or "") or user
    password = options.pop("password", None) or urllib.parse.unquote(parts.password or "") or password
    for name, variable in (("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT")):
        if environment.get(variable):
            options.setdefault(name, environment[variable])
    place = parts.netloc.rpartition("@")[2]
    query = "?" + urllib.parse.urlencode(options) if options else ""
    return f"jdbc:postgresql://{place}{parts.path}{query}", user, password


def print_progress(query, printed):
    """A JSON line on standard error for each batch after `printed`: what was read, what became of it, the watermark.

    Returns the newest batch that is printed.
    """
    for progress in query.recentProgress:
        told = json.loads(progress.json) if hasattr(progress, "json") else progress
        if told["batchId"] > printed:
            printed = told["batchId"]
            line = {"batch": printed, "watermark": told.get("eventTime", {}).get("watermark")}
            line.update(told.get("observedMetrics", {}).get("records", {}))
            print(json.dumps(line), file=sys.stderr, flush=True)
    return printed


def main():
    arguments = parse_arguments(sys.argv[1:])
    kafka_options = choose_kafka_options(arguments, os.environ)
    url, user, password = choose_warehouse(arguments.jdbc_url, os.environ)

    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(f"{arguments.topic} → transactions_summary")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    # Two hundred tasks a batch, Spark's default, are for tables, not for the windows of some minutes.
    if spark.conf.get("spark.sql.shuffle.partitions") == "200":
        spark.conf.set("spark.sql.shuffle.partitions", str(max(2, spark.sparkContext.defaultParallelism)))
    warehouse = Warehouse(spark, url, user, password)
    warehouse.create_table()

    def write_batch(batch, number):
        from pyspark.sql import functions as F

        # A row a window and store, and so few that one transaction of the driver's can take them.
        warehouse.write(batch.select(F.to_json(F.struct("*"))).collect())

    query = (
        aggregate(read_sales(spark, kafka_options, arguments.max_future))
        .writeStream.queryName("transactions_summary")
        .outputMode(arguments.mode)
        .option("checkpointLocation", arguments.checkpoint)
        .trigger(**arguments.trigger)
        .foreachBatch(write_batch)
        .start()
    )
    printed = -1
    try:
        while not query.awaitTermination(1):
            printed = print_progress(query, printed)
    finally:
        print_progress(query, printed)
        spark.stop()


if __name__ == "__main__":
    main()
