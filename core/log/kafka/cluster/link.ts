import Connection from 'kafkajs/src/network/connection.js'
import type { KafkaConnection } from '../../../base/connections.ts'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { Logger } from '../../../base/logger.ts'
import { formatAddress, type KafkaAddress } from '../address.ts'
import { createReader, type Reader } from '../wire/reader.ts'
import { createWriter, type Writer } from '../wire/writer.ts'
import { explainConnecting, explainSilence, explainSignIn, explainTraffic } from './explain.ts'
import { createSaslOptions } from './sasl.ts'
import { openSocket, type SocketTrace } from './socket.ts'

export interface LinkSettings {
  readonly connection: KafkaConnection
  readonly clock: Clock
  readonly logger: Logger
  /** How long connecting, and then signing in, may take. */
  readonly connectTimeoutMs: number
}

/** One request and what to make of its answer. */
export interface Call<Answer> {
  readonly api: Api
  readonly version: number
  /** Whether request and answer have the headers of the flexible versions. */
  readonly isFlexible?: boolean
  readonly write: (writer: Writer) => void
  readonly read: (reader: Reader) => Answer
}

/** Numbers of the requests that are sent. */
export const apis = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  FindCoordinator: 10,
  ApiVersions: 18,
  CreateTopics: 19,
  InitProducerId: 22,
} as const
export type Api = keyof typeof apis

/** A connection to one broker, signed in. */
export interface Link {
  readonly address: KafkaAddress
  isOpen(): boolean
  /** Greatest version of a request that the broker takes, -1 for none. */
  greatestVersionOf(api: Api): number
  /**
   * Sends a request and reads its answer; several may be under way.
   *
   * @throws Fault `unreachable` or `timeout` when the connection ends or the broker does not answer; the link is closed then
   */
  send<Answer>(call: Call<Answer>, timeoutMs: number): Promise<Answer>
  close(): void
}

/** kafkajs's own log lines; what matters comes back as a fault. */
function createSilentLog(logger: Logger): ConstructorParameters<typeof Connection>[0]['logger'] {
  const log = {
    namespace: () => log,
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string) => logger.debug('kafkajs', { message }),
    error: (message: string) => logger.debug('kafkajs', { message }),
  }
  return log
}

/**
 * Opens a connection, asks what the broker can do, and signs in. Each of these is told apart in the fault.
 *
 * @param closing ends it at once, also while it is being opened
 */
export async function openLink(settings: LinkSettings, address: KafkaAddress, closing?: AbortSignal): Promise<Link> {
  const { connection: target, clock, logger, connectTimeoutMs } = settings
  const trace: SocketTrace = { socket: null, error: null, isSecure: false, firstBytes: Buffer.alloc(0) }
  const where = formatAddress(address)
  const connection = new Connection({
    ...address,
    clientId: target.clientId,
    logger: createSilentLog(logger),
    socketFactory: ({ onConnect }) => openSocket(address, target, onConnect, trace),
    ssl: target.tls === null ? null : {},
    sasl: createSaslOptions(target.sasl, connectTimeoutMs, target.dial),
    requestTimeout: connectTimeoutMs,
    connectionTimeout: connectTimeoutMs,
    enforceRequestTimeout: false,
  })
  keepIdle(connection)
  let isClosed = false

  const close = (cause: Error): void => {
    if (isClosed) return
    isClosed = true
    connection.requestQueue.rejectAll(cause)
    void connection.disconnect()
    // With an error, so that whoever waits for the connection to come about is told.
    trace.socket?.destroy(cause)
    closing?.removeEventListener('abort', end)
  }
  const end = (): void => close(new Fault('cancelled', 'the log is closed'))
  closing?.addEventListener('abort', end, { once: true })

  async function within<Value>(work: Promise<Value>, timeoutMs: number, doing: string): Promise<Value> {
    const timer = new AbortController()
    const late = clock.sleep(timeoutMs, timer.signal).then(() => {
      if (timer.signal.aborted) return
      close(explainSilence(where, timeoutMs, doing))
    })
    try {
      return await work
    } finally {
      timer.abort()
      await late
    }
  }

  const exchange = <Answer>({ api, version, isFlexible = false, write, read }: Call<Answer>): Promise<Answer> =>
    connection.send({
      request: {
        apiKey: apis[api],
        apiVersion: version,
        apiName: api,
        encode: async () => {
          const writer = createWriter()
          // The header of a flexible version ends with its own tagged fields: none.
          if (isFlexible) writer.uvarint(0)
          write(writer)
          const bytes = writer.finish()
          return { buf: bytes, buffer: bytes }
        },
      },
      response: {
        decode: async (payload) => {
          const reader = createReader(payload)
          if (isFlexible) reader.skipTags()
          return { clientSideThrottleTime: 0, data: read(reader) }
        },
        parse: async ({ data }) => data,
      },
      logResponseError: false,
    })

  try {
    await within(connection.connect(), connectTimeoutMs, 'connecting')
  } catch (error) {
    close(new Error('not connected'))
    throw explainConnecting(where, target, trace, error, connectTimeoutMs)
  }
  trace.socket?.once('close', () => close(trace.error ?? new Error('the broker closed the connection')))

  let versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>
  try {
    versions = await within(exchange(askVersions), connectTimeoutMs, 'asking what it can do')
  } catch (error) {
    close(new Error('not connected'))
    throw explainConnecting(where, target, trace, error, connectTimeoutMs)
  }
  connection.setVersions(versions)
  connection.setSupportAuthenticationProtocol(versions[36] !== undefined)
  try {
    await within(connection.authenticate(), connectTimeoutMs, 'signing in')
    // A token that has just expired is accepted, and the connection ended at the next request.
    if (target.sasl?.mechanism === 'oauthbearer') await within(exchange(askVersions), connectTimeoutMs, 'signing in')
  } catch (error) {
    close(new Error('not signed in'))
    throw explainSignIn(where, target, error)
  }

  return {
    address,
    isOpen: () => !isClosed && connection.isConnected(),
    greatestVersionOf: (api) => versions[apis[api]]?.maxVersion ?? -1,
    async send(call, timeoutMs) {
      try {
        return await within(exchange(call), timeoutMs, call.api)
      } catch (error) {
        const fault = explainTraffic(where, call.api, error)
        close(fault)
        throw fault
      }
    },
    close: () => close(new Error('the connection was closed')),
  }
}

/** kafkajs looks every millisecond whether a throttle has passed (its issue 1751), also where nothing waits. */
function keepIdle({ requestQueue }: Connection): void {
  const look = requestQueue.scheduleCheckPendingRequests.bind(requestQueue)
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) look()
  }
}

const askVersions: Call<Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>> = {
  api: 'ApiVersions',
  version: 0,
  write: () => undefined,
  read(reader) {
    reader.int16()
    return Object.fromEntries(
      reader.array(() => [reader.int16(), { minVersion: reader.int16(), maxVersion: reader.int16() }]),
    )
  },
}
