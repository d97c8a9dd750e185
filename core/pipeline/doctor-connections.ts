import { systemClock } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import { silentLogger } from '../base/logger.ts'
import { createHttpRegistry } from '../registry/http-registry.ts'
import { readS3Connection } from '../settings/archive-connection.ts'
import { readKafkaConnection, readKafkaTopics } from '../settings/kafka-connection.ts'
import { namesPostgres, readPostgresServers } from '../settings/postgres-connection.ts'
import { readRegistryConnection } from '../settings/registry-connection.ts'
import { readRedisConnection } from '../settings/redis-connection.ts'
import { readTunnelConnection } from '../settings/tunnel-connection.ts'
import type { Settings } from '../settings/settings.ts'
import type { Finding } from './doctor.ts'
import { describeDialling } from './tunnelled.ts'

/** What the adapters find, in their words. */
interface Check {
  readonly step: string
  readonly ok: boolean
  readonly detail: string
  readonly fix: string | null
}

const describe = (server: string, checks: readonly Check[]): readonly Finding[] =>
  checks.map(({ detail, fix, ok, step }) => ({
    step: `${server}: ${step}`,
    verdict: ok ? 'ok' : 'failed',
    message: detail,
    fix: ok ? null : (fix ?? 'see the message'),
  }))

async function examineKafka(settings: Settings): Promise<readonly Finding[]> {
  const { checkKafka } = await import('../log/kafka/check.ts')
  const { names } = readKafkaTopics(settings)
  return describe(
    'Kafka',
    await checkKafka({ ...readKafkaConnection(settings), ...(await describeDialling(settings)) }, Object.values(names)),
  )
}

async function examineTunnel(settings: Settings): Promise<readonly Finding[]> {
  const connection = readTunnelConnection(settings)
  if (!connection) return []
  const { createTunnel } = await import('../tunnel/tunnel.ts')
  await createTunnel(connection, systemClock).check()
  const detail = `${connection.host}:${connection.port} lets ${connection.username} in`
  return describe('SSH tunnel', [{ step: 'connection', ok: true, detail, fix: null }])
}

async function examineRegistry(settings: Settings): Promise<readonly Finding[]> {
  const connection = readRegistryConnection(settings)
  if (!connection) return []
  const way = await describeDialling(settings)
  await createHttpRegistry({ connection, clock: systemClock, findWay: async () => way }).check()
  const { auth, url } = connection
  const through = way.dial ? ' through the SSH tunnel' : ''
  const who = auth === null ? '' : auth.kind === 'bearer' ? ', and accepts the token' : `, and lets ${auth.username} in`
  return describe('schema registry', [
    { step: 'connection', ok: true, detail: `${url} answers${through}${who}`, fix: null },
  ])
}

/** Nothing waits for a replica: the primary answers in its place. */
const excuseReplica = (finding: Finding): Finding =>
  finding.verdict === 'failed' && finding.step === 'replica: connection'
    ? { ...finding, verdict: 'warning', message: `${finding.message}; the primary answers queries in its place` }
    : finding

async function examinePostgres(settings: Settings): Promise<readonly Finding[]> {
  const { checkPostgres } = await import('../warehouse/postgres/check.ts')
  const writes = settings.profile.rowsTo === 'postgres'
  const look = async (use: 'write' | 'read'): ReturnType<typeof checkPostgres> => {
    const dialling = await describeDialling(settings)
    const { connections } = readPostgresServers(settings, process.env, use)
    const [connection, ...others] = connections.map((one) => ({ ...one, ...dialling }))
    if (!connection) return []
    return await checkPostgres({
      connection,
      others,
      writes: writes && use === 'write',
      adopt: settings.flag('warehouse.adopt'),
      clock: systemClock,
    })
  }
  const found = describe('PostgreSQL', await look(writes ? 'write' : 'read'))
  if (!writes || settings.secret('warehouse.readUrl') === '') return found
  return [...found, ...describe('replica', await look('read')).map(excuseReplica)]
}

async function examineRedis(settings: Settings): Promise<readonly Finding[]> {
  const connection = readRedisConnection(settings)
  if (!connection) return []
  const { openRedisCache } = await import('../cache/redis/redis-cache.ts')
  const cache = openRedisCache(connection, { clock: systemClock, logger: silentLogger })
  try {
    const state = await cache.settled()
    const ok = state.status === 'on'
    const detail = ok ? 'it takes the board' : state.reason
    return describe('Redis', [{ step: 'connection', ok, detail, fix: ok ? null : state.hint }])
  } finally {
    await cache.close()
  }
}

async function examineArchive(settings: Settings): Promise<readonly Finding[]> {
  if (settings.text('archive.target') !== 's3') return []
  const { createS3Store } = await import('../archive/s3/s3-store.ts')
  const connection = readS3Connection(settings)
  const store = createS3Store(connection)
  try {
    const { length } = await store.list()
    const detail = `${length} objects below ${connection.bucket}/${connection.prefix}`
    return describe('S3', [{ step: 'bucket', ok: true, detail, fix: null }])
  } finally {
    await store.close()
  }
}

/** Whatever goes wrong on the way to a server is a finding about it. */
async function attempt(
  server: string,
  settings: Settings,
  examine: (settings: Settings) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await examine(settings)
  } catch (error) {
    const { hint, message } = toFault(error, server)
    return [{ step: server, verdict: 'failed', message, fix: hint ?? 'see the message' }]
  }
}

/** Examines the servers a profile is attached to, step by step; changes nothing on them. */
export async function* examineConnections(settings: Settings): AsyncGenerator<Finding, void, void> {
  const { services } = settings.profile
  if (services.includes('kafka')) {
    yield* await attempt('SSH tunnel', settings, examineTunnel)
    yield* await attempt('Kafka', settings, examineKafka)
    yield* await attempt('schema registry', settings, examineRegistry)
  }
  const usesPostgres = services.includes('postgres')
  if (usesPostgres && (settings.profile.needs.includes('postgres') || namesPostgres(settings, process.env, 'read'))) {
    yield* await attempt('PostgreSQL', settings, examinePostgres)
  }
  if (services.includes('redis')) yield* await attempt('Redis', settings, examineRedis)
  yield* await attempt('S3', settings, examineArchive)
}
