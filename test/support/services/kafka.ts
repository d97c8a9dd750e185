import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installKafka, type KafkaVersion } from './kafka-install.ts'
import {
  accessSettings,
  createAccess,
  type KafkaAccess,
  type KafkaListener,
  scramArguments,
  writeNodeSettings,
} from './kafka-settings.ts'
import { type FaultProxy, startProxy } from './proxy.ts'
import { controlServer, type ServerControls } from './server-controls.ts'
import { findFreePorts, makeServerDirectory, removeServerDirectory } from './server-process.ts'
import { startZookeeper } from './zookeeper.ts'

export interface KafkaOptions {
  readonly version?: KafkaVersion
  /** Besides PLAINTEXT, which is always there. */
  readonly listeners?: readonly KafkaListener[]
  /** Settings of the brokers, as in server.properties. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Brokers; the first one also leads the cluster, the others can come and go. */
  readonly nodes?: number
  /** Adds a listener whose clients go through a proxy, whatever broker they are sent to. */
  readonly proxied?: boolean
  /** Who is not named may do nothing, but on PLAINTEXT everyone everything. */
  readonly acls?: boolean
}

/** Where a cluster is and how to get in; plain data. */
export interface KafkaAddress {
  readonly version: KafkaVersion
  /** `host:port,…` of PLAINTEXT. */
  readonly brokers: string
  /** `host:port,…` of each listener that was asked for. */
  readonly listeners: Readonly<Partial<Record<KafkaListener | 'PROXIED', string>>>
  /** Null without listeners that ask who comes. */
  readonly access: KafkaAccess | null
}

/** A broker; it ends orderly unless told otherwise. */
export interface KafkaNode extends ServerControls {
  readonly id: number
  /** Port of PLAINTEXT. */
  readonly port: number
}

/** A cluster; what it can do, it does to all its brokers. */
export interface KafkaServer extends KafkaAddress, ServerControls {
  readonly directory: string
  readonly nodes: readonly KafkaNode[]
  /** One a node, in the order of the nodes. */
  readonly proxies: readonly FaultProxy[]
  /** Ends it and takes its data away. */
  stop(): Promise<void>
}

const javaOptions = ['-Xms256m', '-Xmx768m', '-XX:+UseSerialGC', '-XX:-UsePerfData']

/** Asks a broker for its cluster (Metadata, version 1, no topics) and counts the brokers. */
function countBrokers(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer within 2 s')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
    const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    socket.once('connect', () => socket.write(request))
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < 12) return
      resolve(answer.readInt32BE(8))
      socket.destroy()
    })
  })
}

interface Cluster {
  readonly directory: string
  readonly libraries: string
  readonly nodes: number
  /** `java` options. */
  readonly options: readonly string[]
}

/** @param settings text of its properties file */
function createNode(cluster: Cluster, id: number, port: number, settings: string): KafkaNode {
  const { directory, libraries, nodes, options } = cluster
  const file = join(directory, `server-${id}.properties`)
  writeFileSync(file, settings)
  const controls = controlServer(
    {
      program: 'java',
      args: [...javaOptions, ...options, '-cp', join(libraries, '*'), 'kafka.Kafka', file],
      directory,
      output: `broker-${id}.log`,
      async probe() {
        const known = await countBrokers(port)
        if (known < (id === 1 ? 1 : nodes)) throw new Error(`${known} of ${nodes} brokers`)
      },
    },
    'SIGTERM',
  )
  return { id, port, ...controls }
}

async function formatStorage(cluster: Cluster, id: number, clusterId: string, scram: boolean): Promise<void> {
  const file = join(cluster.directory, `server-${id}.properties`)
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', join(cluster.libraries, '*'), 'kafka.tools.StorageTool']
  const storage = ['-t', clusterId, '-c', file]
  await promisify(execFile)('java', [...tool, 'format', ...storage, ...(scram ? scramArguments : [])])
}

/** 16 bytes in Kafka's own base64; with a dash in front the tool would take it for an option. */
const drawClusterId = (): string =>
  Buffer.concat([Buffer.from([randomInt(128)]), randomBytes(15)]).toString('base64url')

/** Starts a Kafka of its own, led by itself (KRaft) or, with `zookeeper`, by a ZooKeeper of its own. */
async function startCluster(options: KafkaOptions, coordination: 'kraft' | 'zookeeper'): Promise<KafkaServer> {
  const { version = '4.1', nodes: nodeCount = 1, overrides = {}, proxied = false, acls = false } = options
  const libraries = join(installKafka(version), 'libs')
  const directory = makeServerDirectory(`kafka-${version}`)
  const listeners: readonly KafkaListener[] = [...new Set<KafkaListener>(['PLAINTEXT', ...(options.listeners ?? [])])]
  const access = listeners.length > 1 ? createAccess(directory) : null
  const names = [...listeners, ...(proxied ? (['PROXIED'] as const) : [])]
  const zookeeper = coordination === 'zookeeper' ? await startZookeeper(libraries, directory) : null
  const ports = await findFreePorts(nodeCount * names.length + 1)
  const coordinatorPort = zookeeper?.port ?? ports[0] ?? 0
  const proxies = await Promise.all(Array.from({ length: proxied ? nodeCount : 0 }, () => startProxy()))
  const cluster: Cluster = {
    directory,
    libraries,
    nodes: nodeCount,
    options: access ? [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${access.jwksFile}`] : [],
  }
  const authorizer =
    coordination === 'kraft'
      ? 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'
      : 'kafka.security.authorizer.AclAuthorizer'
  const found: Record<string, string[]> = {}
  const nodes = Array.from({ length: nodeCount }, (_, index) => {
    const nodePorts = Object.fromEntries(
      names.map((name, at) => {
        const port = ports[1 + index * names.length + at] ?? 0
        const advertisedPort = name === 'PROXIED' ? (proxies[index]?.port ?? port) : port
        if (name === 'PROXIED') proxies[index]?.setTarget({ host: '127.0.0.1', port })
        ;(found[name] ??= []).push(`127.0.0.1:${advertisedPort}`)
        return [name, { port, advertisedPort }]
      }),
    )
    const settings = writeNodeSettings({
      id: index + 1,
      directory,
      coordination,
      coordinatorPort,
      nodes: nodeCount,
      ports: nodePorts,
      overrides: {
        ...(access ? accessSettings(directory, access) : {}),
        ...(acls ? { 'authorizer.class.name': authorizer, 'super.users': 'User:ANONYMOUS' } : {}),
        ...overrides,
      },
    })
    return createNode(cluster, index + 1, nodePorts['PLAINTEXT']?.port ?? 0, settings)
  })
  const each = async (act: (node: KafkaNode) => Promise<void>): Promise<void> =>
    void (await Promise.all(nodes.map(act)))
  // An orderly end needs the leader, so it goes last.
  const halt = async (signal?: NodeJS.Signals): Promise<void> => {
    await Promise.all(nodes.slice(1).map((node) => node.halt(signal)))
    await nodes[0]?.halt(signal)
  }
  const stop = async (): Promise<void> => {
    await each((node) => node.halt('SIGKILL'))
    await zookeeper?.end('SIGKILL')
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    removeServerDirectory(directory)
  }
  try {
    const clusterId = drawClusterId()
    if (coordination === 'kraft') await each(({ id }) => formatStorage(cluster, id, clusterId, access !== null))
    await each((node) => node.start())
  } catch (error) {
    await stop()
    throw error
  }
  return {
    version,
    brokers: (found['PLAINTEXT'] ?? []).join(','),
    listeners: Object.fromEntries(Object.entries(found).map(([name, addresses]) => [name, addresses.join(',')])),
    access,
    directory,
    nodes,
    proxies,
    halt,
    start: () => each((node) => node.start()),
    async restart(signal) {
      await halt(signal)
      await each((node) => node.start())
    },
    pause: () => nodes.forEach((node) => node.pause()),
    resume: () => nodes.forEach((node) => node.resume()),
    stop,
  }
}

/** Starts a Kafka of its own that leads itself (KRaft). Whoever starts it stops it. */
export const startKafka = (options: KafkaOptions = {}): Promise<KafkaServer> => startCluster(options, 'kraft')

/** The same with Kafka 3.9 under a ZooKeeper of its own; without SCRAM, whose users ZooKeeper would have to be told. */
export const startZookeeperKafka = (options: Omit<KafkaOptions, 'version'> = {}): Promise<KafkaServer> =>
  startCluster({ ...options, version: '3.9' }, 'zookeeper')
