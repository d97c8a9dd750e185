import { Command } from 'commander'
import { expect, it, onTestFinished, vi } from 'vitest'
import { addSparkJobCommand } from '../../../core/cli/commands/spark-job.ts'
import { composeSparkJob, type SparkJobCommand } from '../../../core/cli/commands/spark-job-command.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const options = {
  script: '/opt/transactions_summary.py',
  checkpoint: 's3a://retail/checkpoint',
  mode: 'update',
  trigger: '10s',
  sparkVersion: '4.2.0',
  master: 'spark://master:7077',
}
const servers = {
  STOREPULSE_KAFKA_BROKERS: 'one:9092,two:9092',
  STOREPULSE_DATABASE_URL: 'postgres://teller:hush-hush@db:6543/retail?sslmode=require',
}

function compose(
  environment: Readonly<Record<string, string>>,
  kind = 'process',
  flags: readonly string[] = [],
): SparkJobCommand {
  const all = { HOME: '/nobody', ...environment }
  return composeSparkJob(resolveSettings({ profile: { kind }, environment: all, flags }), all, options)
}

const valueAfter = ({ command }: SparkJobCommand, name: string): string | undefined =>
  command[command.indexOf(name) + 1]

it('names brokers, topic, table and progress, and leaves the password to the environment', () => {
  const composed = compose(servers)
  expect(composed.command.slice(0, 5)).toEqual([
    'spark-submit',
    '--master',
    'spark://master:7077',
    '--packages',
    'org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0,org.postgresql:postgresql:42.7.7',
  ])
  expect(composed.command.slice(5)).toEqual(
    [
      '/opt/transactions_summary.py',
      ['--brokers', 'one:9092,two:9092', '--topic', 'retail-transactions'],
      ['--jdbc-url', 'jdbc:postgresql://db:6543/retail?sslmode=require'],
      ['--checkpoint', 's3a://retail/checkpoint', '--mode', 'update', '--trigger', '10s'],
    ].flat(),
  )
  expect(composed.environment).toEqual({ PGUSER: 'teller' })
  expect(composed.secrets).toEqual(['PGPASSWORD'])
})

it('shows no secret of any kind', () => {
  const secrets = {
    STOREPULSE_KAFKA_SASL_PASSWORD: 'secret-1',
    STOREPULSE_KAFKA_SSL_PASSPHRASE: 'secret-2',
    PGPASSWORD: 'secret-3',
  }
  const composed = compose({
    ...servers,
    ...secrets,
    STOREPULSE_DATABASE_URL: 'postgres://teller@db/retail',
    STOREPULSE_KAFKA_SECURITY: 'sasl_ssl',
    STOREPULSE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    STOREPULSE_KAFKA_SASL_USERNAME: 'teller',
  })
  expect(JSON.stringify(composed)).not.toContain('secret-')
  expect(composed.secrets).toEqual(Object.keys(secrets))
  expect(composed.environment).toEqual({
    STOREPULSE_KAFKA_SECURITY: 'sasl_ssl',
    STOREPULSE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    STOREPULSE_KAFKA_SASL_USERNAME: 'teller',
    PGUSER: 'teller',
  })
})

it('lets Java ask for tokens where the profile does, and takes none that is given once and for all', async () => {
  const security = { STOREPULSE_KAFKA_SECURITY: 'sasl_plaintext', STOREPULSE_KAFKA_SASL_MECHANISM: 'oauthbearer' }
  const composed = compose({
    ...servers,
    ...security,
    STOREPULSE_KAFKA_OAUTH_TOKEN_URL: 'https://login.test/token',
    STOREPULSE_KAFKA_OAUTH_CLIENT_ID: 'till',
    STOREPULSE_KAFKA_OAUTH_CLIENT_SECRET: 'secret',
  })
  expect(composed.command.filter((word) => word.includes('allowed.urls=https://login.test/token'))).toHaveLength(2)
  expect(composed.secrets).toContain('STOREPULSE_KAFKA_OAUTH_CLIENT_SECRET')
  const fault = await faultOf(() => compose({ ...servers, ...security, STOREPULSE_KAFKA_OAUTH_TOKEN: 'secret' }))
  expect(fault.message).toContain('kafka.oauth.token cannot be used by Spark')
})

it('begins where the profile begins, under the names its topics have', () => {
  const flags = ['kafka.topicPrefix=eu.', 'kafka.startFrom=2025-01-06T00:00:00Z']
  const composed = compose(servers, 'process', flags)
  expect(valueAfter(composed, '--topic')).toBe('eu.retail-transactions')
  expect(valueAfter(composed, '--starting-timestamp')).toBe('1736121600000')
  expect(valueAfter(compose(servers, 'process', ['kafka.startFrom=latest']), '--starting-offsets')).toBe('latest')
})

it('names every server that PostgreSQL has, and what is needed to trust it', () => {
  const composed = compose({
    ...servers,
    STOREPULSE_DATABASE_URL: 'postgres://teller@a:1,b:2/retail',
    STOREPULSE_WAREHOUSE_SSL_MODE: 'verify-full',
    PGSSLROOTCERT: 'system',
  })
  expect(valueAfter(composed, '--jdbc-url')).toBe(
    'jdbc:postgresql://a:1,b:2/retail?sslmode=verify-full&targetServerType=primary&sslrootcert=system',
  )
})

it('has nothing to say for a profile without a cluster', async () => {
  const fault = await faultOf(() => compose(servers, 'local'))
  expect(fault.code).toBe('setting')
  expect(fault.hint).toContain('--profile')
})

it('prints a command that a shell takes as it is', async () => {
  const home = makeTemporaryDirectory()
  const set = { HOME: home, STOREPULSE_HOME: home, ...servers, STOREPULSE_KAFKA_SSL_CA: '' }
  for (const [name, value] of Object.entries(set)) vi.stubEnv(name, value)
  const written: string[] = []
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  onTestFinished(() => {
    out.mockRestore()
    err.mockRestore()
    vi.unstubAllEnvs()
  })
  const program = new Command('storepulse').exitOverride()
  addSparkJobCommand(program)
  await program.parseAsync(['spark-job', '--profile', 'process', '--checkpoint', "it's here"], { from: 'user' })
  const [command = '', secrets] = written
  expect(command).toMatch(/^PGUSER=teller \\\n {2}spark-submit \\\n {2}--packages /)
  expect(command).toContain(String.raw`--checkpoint 'it'\''s here' \ `.trimEnd())
  expect(command).not.toContain('hush-hush')
  expect(secrets).toBe('set before it, for they are secret: PGPASSWORD\n')
  await expect(
    program.parseAsync(['spark-job', '--profile', 'process', '--trigger', 'often'], { from: 'user' }),
  ).rejects.toThrow('--trigger takes a duration')
})
