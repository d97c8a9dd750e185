import { Fault, toFault } from '../../../base/fault.ts'
import { askMetadata, type BrokerEntry, type ClusterMetadata, type TopicEntry } from '../calls/metadata.ts'
import { formatAddress, readAddress } from '../address.ts'
import { explainAdvertised } from './explain.ts'
import { type Link, type LinkSettings, openLink } from './link.ts'
import { createSharedRun } from './shared-run.ts'

/** Who leads what, kept up to date, and connections to the brokers. */
export interface Cluster {
  /** By the names the cluster has. */
  readonly topics: ReadonlyMap<string, TopicEntry>
  readonly controller: number
  leaderOf(topic: string, partition: number): number
  /** How a broker is called, for people. */
  nameOf(broker: number): string
  /**
   * A connection to a broker, kept for its purpose: requests that wait at the broker do not share one with others.
   *
   * @throws Fault `unreachable` or `refused`
   */
  linkTo(broker: number, purpose: string): Promise<Link>
  /** A connection to any broker. */
  linkToAny(): Promise<Link>
  closeLink(broker: number, purpose: string): void
  /** Asks anew; calls made meanwhile share the answer. */
  refresh(): Promise<void>
  /** Told after each refresh; returns its undo. */
  onRefresh(listener: () => void): () => void
  close(): void
}

export function createCluster(
  settings: LinkSettings,
  topicNames: readonly string[],
  requestTimeoutMs: number,
): Cluster {
  const links = new Map<string, Promise<Link>>()
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let metadata: ClusterMetadata = { brokers: [], controller: -1, topics: [] }
  let topics: ReadonlyMap<string, TopicEntry> = new Map()
  let turn = 0

  async function reuse(key: string, open: () => Promise<Link>): Promise<Link> {
    if (closing.signal.aborted) throw new Fault('cancelled', 'the log is closed')
    const known = links.get(key)
    if (known) {
      const link = await known.catch(() => null)
      if (link?.isOpen()) return link
      if (links.get(key) === known) links.delete(key)
      else if (links.has(key)) return reuse(key, open)
    }
    const opening = open()
    links.set(key, opening)
    try {
      const link = await opening
      if (closing.signal.aborted) link.close()
      return link
    } catch (error) {
      if (links.get(key) === opening) links.delete(key)
      throw error
    }
  }

  const addressOf = (broker: number): BrokerEntry => {
    const entry = metadata.brokers.find(({ id }) => id === broker)
    if (entry) return entry
    throw new Fault('unreachable', `the cluster does not say where broker ${broker} is`, {
      hint: 'it may be down; it is tried again',
      retry: true,
    })
  }

  const linkTo = (broker: number, purpose: string): Promise<Link> => {
    const { host, port } = addressOf(broker)
    const key = `${purpose} ${formatAddress({ host, port })}`
    return reuse(key, async () => {
      try {
        return await openLink(settings, { host, port }, closing.signal)
      } catch (error) {
        throw explainAdvertised(settings.connection.brokers, { host, port }, toFault(error, 'connecting'))
      }
    })
  }

  /** Brokers known by now, each time beginning with another, and then the ones that were given. */
  async function linkToAny(): Promise<Link> {
    const { brokers } = settings.connection
    turn += 1
    const known = metadata.brokers.map((_, index) => metadata.brokers[(index + turn) % metadata.brokers.length])
    const given = brokers.map((_, index) => readAddress(brokers[(index + turn) % brokers.length] ?? ''))
    let fault = new Fault('setting', 'no broker is given', { hint: 'name at least one as host:port', domain: 'user' })
    for (const broker of known) {
      if (broker === undefined || links.get(`control ${formatAddress(broker)}`) === undefined) continue
      try {
        return await linkTo(broker.id, 'control')
      } catch (error) {
        fault = toFault(error, 'connecting')
      }
    }
    for (const address of given) {
      try {
        return await reuse(`control ${formatAddress(address)}`, () => openLink(settings, address, closing.signal))
      } catch (error) {
        fault = toFault(error, 'connecting')
      }
    }
    throw fault
  }

  const refresh = createSharedRun(async () => {
    const link = await linkToAny()
    const answer = await link.send(askMetadata(topicNames, link.greatestVersionOf('Metadata')), requestTimeoutMs)
    if (closing.signal.aborted) return
    metadata = answer
    topics = new Map(metadata.topics.map((topic) => [topic.name, topic]))
    for (const listener of listeners) listener()
  })

  return {
    get topics() {
      return topics
    },
    get controller() {
      return metadata.controller
    },
    leaderOf: (topic, partition) =>
      topics.get(topic)?.partitions.find((entry) => entry.partition === partition)?.leader ?? -1,
    nameOf(broker) {
      const entry = metadata.brokers.find(({ id }) => id === broker)
      return entry ? formatAddress(entry) : `broker ${broker}`
    },
    linkTo,
    linkToAny,
    closeLink(broker, purpose) {
      const entry = metadata.brokers.find(({ id }) => id === broker)
      if (!entry) return
      const key = `${purpose} ${formatAddress(entry)}`
      const link = links.get(key)
      links.delete(key)
      void link?.then(
        (open) => open.close(),
        () => undefined,
      )
    },
    refresh,
    onRefresh(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      closing.abort()
      for (const link of links.values()) {
        void link.then(
          (open) => open.close(),
          () => undefined,
        )
      }
      links.clear()
    },
  }
}
