#!/usr/bin/env bash
# Copies the first server once and follows it from then on.
set -euo pipefail

install -o postgres -m 600 "${KEY_FILE:-/certificates/postgres.key}" "${OWN_KEY_FILE:-/tmp/server.key}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -d -o postgres -m 700 "$PGDATA"
  gosu postgres pg_basebackup --host "${PRIMARY_HOST:-postgres}" --port "${PRIMARY_PORT:-5432}" --username storepulse \
    --pgdata "$PGDATA" --checkpoint fast --wal-method stream --write-recovery-conf
fi
exec docker-entrypoint.sh "$@"
