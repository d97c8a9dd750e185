// `node resources/compose/make-env.mjs [--force]`: writes .env beside this file, with passwords nobody else has.
//
// What is there stays, unless --force says otherwise: the volumes of a cluster that has run know their passwords, and a new
// .env does not open them.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '.env')
const makePassword = () => randomBytes(24).toString('base64url')
const [kafka, postgres, redis, minio] = [makePassword(), makePassword(), makePassword(), makePassword()]

const text = `# Made by make-env.mjs. Secret: it is in no commit and in no image.

# For the containers.
COMPOSE_PROJECT_NAME=storepulse
KAFKA_CLUSTER_ID=${randomBytes(16).toString('base64url')}
KAFKA_PASSWORD=${kafka}
POSTGRES_PASSWORD=${postgres}
REDIS_PASSWORD=${redis}
MINIO_PASSWORD=${minio}

# For Storepulse on this machine: node --env-file=resources/compose/.env core/cli/bin/storepulse.mjs run --profile process
STOREPULSE_KAFKA_BROKERS=127.0.0.1:9094
STOREPULSE_KAFKA_SECURITY=sasl_plaintext
STOREPULSE_KAFKA_SASL_MECHANISM=plain
STOREPULSE_KAFKA_SASL_USERNAME=storepulse
STOREPULSE_KAFKA_SASL_PASSWORD=${kafka}
STOREPULSE_DATABASE_URL=postgres://storepulse:${postgres}@127.0.0.1:5432/storepulse
STOREPULSE_REDIS_URL=redis://:${redis}@127.0.0.1:6379
STOREPULSE_S3_ENDPOINT=http://127.0.0.1:9000
STOREPULSE_S3_BUCKET=storepulse
STOREPULSE_S3_ACCESS_KEY=storepulse
STOREPULSE_S3_SECRET_KEY=${minio}
`

try {
  writeFileSync(file, text, { mode: 0o600, flag: process.argv.includes('--force') ? 'w' : 'wx' })
  process.stderr.write(`${file} is written; only you can read it\n`)
} catch (error) {
  if (error.code !== 'EEXIST') throw error
  process.stderr.write(`${file} is there already and stays; --force makes another, for a cluster with empty volumes\n`)
  process.exitCode = 1
}
