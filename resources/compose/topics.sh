#!/usr/bin/env bash
# Makes the three topics unless they are there. A topic that has fewer partitions than asked for is left as it is: keys
# would move to other partitions.
set -euo pipefail

client=$(mktemp)
cat >"$client" <<PROPERTIES
security.protocol=${SECURITY_PROTOCOL:-SASL_PLAINTEXT}
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="storepulse" password="$KAFKA_PASSWORD";
PROPERTIES
if [ -n "${CA_FILE:-}" ]; then
  printf 'ssl.truststore.type=PEM\nssl.truststore.location=%s\n' "$CA_FILE" >>"$client"
fi

for topic in retail-transactions customer-events inventory-updates; do
  "${KAFKA_HOME:-/opt/kafka}/bin/kafka-topics.sh" --bootstrap-server "${BROKERS:-kafka:9092}" --command-config "$client" \
    --create --if-not-exists --topic "$topic" --partitions "${PARTITIONS:-4}" --replication-factor "${REPLICAS:-1}"
done
