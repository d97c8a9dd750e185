import type { KafkaConnection } from '../../base/connections.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import { type Logger, silentLogger } from '../../base/logger.ts'
import { describeCode, errorCodes } from './calls/error-codes.ts'
import { askRecords } from './calls/fetch.ts'
import { askMetadata, type ClusterMetadata, type TopicEntry } from './calls/metadata.ts'
import { explainAdvertised, type Hindrance } from './cluster/explain.ts'
import { type Link, type LinkSettings, openLink } from './cluster/link.ts'
import { formatAddress, type KafkaAddress, readAddress } from './address.ts'

/** One thing that was looked at, in the order in which they depend on each other. */
export interface KafkaCheck {
  readonly step: 'DNS' | 'TCP' | 'TLS' | 'sign-in' | 'advertised listeners' | 'topics' | 'read rights'
  readonly ok: boolean
  /** What was found. */
  readonly detail: string
  /** What to do about it; null where there is nothing to do. */
  readonly fix: string | null
}

export interface KafkaCheckOptions {
  readonly timeoutMs?: number
  readonly clock?: Clock
  readonly logger?: Logger
}

type FirstStep = Extract<KafkaCheck['step'], 'DNS' | 'TCP' | 'TLS' | 'sign-in'>

const stepOf: Readonly<Record<Hindrance, FirstStep>> = {
  dns: 'DNS',
  refused: 'TCP',
  'timed-out': 'TCP',
  closed: 'TCP',
  'tls-to-plaintext': 'TLS',
  'plaintext-to-tls': 'TLS',
  'certificate-not-trusted': 'TLS',
  'certificate-expired': 'TLS',
  'certificate-for-another-host': 'TLS',
  'client-certificate': 'TLS',
  mechanism: 'sign-in',
  credentials: 'sign-in',
}

const isHindrance = (text: unknown): text is Hindrance => typeof text === 'string' && text in stepOf

/** The step a fault belongs to: one that names no hindrance comes from the token server, so from signing in. */
function findStep({ detail }: Fault): FirstStep {
  const cause = detail['cause']
  return isHindrance(cause) ? stepOf[cause] : 'sign-in'
}

/**
 * Looks at a connection step by step, writes nothing and joins nothing; stops at the first step that nothing gets past.
 *
 * @param topics by the names the cluster has
 */
export async function checkKafka(
  connection: KafkaConnection,
  topics: readonly string[],
  options: KafkaCheckOptions = {},
): Promise<readonly KafkaCheck[]> {
  const { timeoutMs = 5_000, clock = systemClock, logger = silentLogger } = options
  const settings: LinkSettings = { connection, clock, logger, connectTimeoutMs: timeoutMs }
  const links: Link[] = []
  try {
    const given = connection.brokers.map(readAddress)
    const tries = await Promise.all(given.map((address) => tryLink(settings, address, links)))
    const checks = listFirstSteps(connection, given, tries)
    const link = links[0]
    if (link === undefined) return checks
    const metadata = await link.send(askMetadata(topics, link.greatestVersionOf('Metadata')), timeoutMs)
    const advertised = await checkAdvertised(settings, metadata, links)
    const readable = metadata.topics.filter(({ partitions }) => partitions.length > 0)
    return [...checks, advertised, checkTopics(metadata), await checkRights(readable, metadata, links, timeoutMs)]
  } finally {
    for (const link of links) link.close()
  }
}

async function tryLink(settings: LinkSettings, address: KafkaAddress, links: Link[]): Promise<Fault | null> {
  try {
    links.push(await openLink(settings, address))
    return null
  } catch (error) {
    return toFault(error, 'connecting')
  }
}

function listFirstSteps(
  { tls, sasl }: KafkaConnection,
  given: readonly KafkaAddress[],
  tries: readonly (Fault | null)[],
): readonly KafkaCheck[] {
  const faults = tries.filter((fault) => fault !== null)
  const needsTls = tls !== null || faults.some((fault) => findStep(fault) === 'TLS')
  const steps: readonly FirstStep[] = [
    'DNS',
    'TCP',
    ...(needsTls ? ['TLS' as const] : []),
    ...(sasl ? ['sign-in' as const] : []),
  ]
  const checks: KafkaCheck[] = []
  let stopped = 0
  for (const step of steps) {
    const here = faults.filter((fault) => findStep(fault) === step)
    if (stopped === given.length) break
    stopped += here.length
    const [first] = here
    checks.push({
      step,
      ok: first === undefined,
      detail: first?.message ?? `${given.length - stopped} of ${given.length} given brokers`,
      fix: first?.hint ?? null,
    })
  }
  return checks
}

/** Whether every broker can be reached where the cluster says it is. */
async function checkAdvertised(
  settings: LinkSettings,
  { brokers }: ClusterMetadata,
  links: Link[],
): Promise<KafkaCheck> {
  const faults = await Promise.all(
    brokers.map(async ({ host, port }) => {
      if (links.some(({ address }) => formatAddress(address) === formatAddress({ host, port }))) return null
      const fault = await tryLink(settings, { host, port }, links)
      return fault && explainAdvertised(settings.connection.brokers, { host, port }, fault)
    }),
  )
  const fault = faults.find((found) => found !== null)
  return {
    step: 'advertised listeners',
    ok: !fault,
    detail: fault?.message ?? brokers.map(formatAddress).join(', '),
    fix: fault?.hint ?? null,
  }
}

function checkTopics({ topics }: ClusterMetadata): KafkaCheck {
  const forbidden = topics.find(({ error }) => error === errorCodes.topicNotAllowed)
  const missing = topics.filter(({ error, partitions }) => error !== errorCodes.none || partitions.length === 0)
  if (forbidden) {
    return {
      step: 'topics',
      ok: false,
      detail: `this user may not see ${forbidden.name}`,
      fix: 'grant Describe and Read on the topic',
    }
  }
  const found = topics.map(({ name, partitions }) => `${name}: ${partitions.length} partitions`)
  return missing.length > 0
    ? {
        step: 'topics',
        ok: false,
        detail: `the cluster does not have ${missing.map(({ name }) => name).join(', ')}`,
        fix: 'make them with `storepulse topics create`, or check the names in the profile',
      }
    : { step: 'topics', ok: true, detail: found.join(', '), fix: null }
}

/** Fetches a little of each topic, which is the only way to know. */
async function checkRights(
  topics: readonly TopicEntry[],
  { brokers }: ClusterMetadata,
  links: readonly Link[],
  timeoutMs: number,
): Promise<KafkaCheck> {
  const unreadable: string[] = []
  for (const { name, partitions } of topics) {
    for (const { partition, leader } of partitions.slice(0, 1)) {
      const broker = brokers.find(({ id }) => id === leader)
      const link = links.find(({ address }) => broker && formatAddress(address) === formatAddress(broker))
      if (!link) continue
      const call = askRecords([{ topic: name, partition, offset: 0 }], 'read-committed', {
        waitMs: 0,
        bytes: 1,
        bytesPerPartition: 1,
      })
      const [answer] = await link.send(call, timeoutMs)
      const isFine = !answer || answer.error === errorCodes.none || answer.error === errorCodes.offsetOutOfRange
      if (!isFine) unreadable.push(`${name} (${describeCode(answer.error)})`)
    }
  }
  const names = topics.map(({ name }) => name)
  return {
    step: 'read rights',
    ok: unreadable.length === 0,
    detail:
      unreadable.length > 0
        ? `not readable: ${unreadable.join(', ')}`
        : `may read ${names.join(', ') || 'nothing yet'}`,
    fix: unreadable.length > 0 ? 'grant Read on the topics to this user' : null,
  }
}
