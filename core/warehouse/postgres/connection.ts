import { checkServerIdentity, type ConnectionOptions } from 'node:tls'
import type { Client, ClientConfig } from 'pg'
import type { PostgresConnection } from '../../base/connections.ts'
import { describeError, systemErrorCode } from '../../base/fault.ts'
import { toConnectFault } from './connect-fault.ts'

const connectTimeoutMs = 8_000
const keepAliveAfterMs = 10_000

/** pg is loaded when the first connection is opened: most runs never need it. */
async function loadClient(): Promise<typeof Client> {
  const module = await import('pg')
  return module.default.Client
}

/** A certificate is checked where the mode says so; `require` with an own CA means `verify-ca`, as libpq reads it. */
function describeTls({ host, tls }: PostgresConnection): ConnectionOptions {
  const { ca, cert, key, mode } = tls
  const isChecked = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== null)
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: isChecked,
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  }
}

/** What a connection is for. */
export interface Purpose {
  /** Asks the server to make every transaction of the session read-only. */
  readonly isReadOnly: boolean
  /** Longer than any statement may take on the server, so that only a dead connection gets there. */
  readonly answerMs: number
}

interface Attempt {
  readonly tls: boolean
  /** Startup options of the server's, or none. */
  readonly options: string
}

function describeDial({ dial, host, port }: PostgresConnection): Pick<ClientConfig, 'stream'> {
  return dial === undefined ? {} : { stream: () => dial(host, port) }
}

/** Nothing is left out that pg would otherwise take from the environment. */
const describeClient = (connection: PostgresConnection, { options, tls }: Attempt, answerMs: number): ClientConfig => ({
  host: connection.host,
  port: connection.port,
  user: connection.user,
  password: connection.password ?? '',
  database: connection.database,
  ssl: tls ? describeTls(connection) : false,
  options,
  ...describeDial(connection),
  application_name: 'storepulse',
  connectionTimeoutMillis: connectTimeoutMs,
  query_timeout: answerMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: keepAliveAfterMs,
})

const hasNoTls = (error: unknown): boolean => /does not support SSL/i.test(describeError(error))
const wantsPlaintext = (error: unknown): boolean =>
  systemErrorCode(error) === '28000' && /SSL (?:encryption|on)/i.test(describeError(error))
const refusesOptions = (error: unknown): boolean => /unsupported startup parameter/i.test(describeError(error))

/** The next thing to try after a failed attempt, or null. */
function findNextAttempt(connection: PostgresConnection, attempt: Attempt, error: unknown): Attempt | null {
  if (attempt.options !== '' && refusesOptions(error)) return { ...attempt, options: '' }
  if (attempt.tls && connection.tls.mode === 'prefer' && (hasNoTls(error) || wantsPlaintext(error))) {
    return { ...attempt, tls: false }
  }
  return null
}

/**
 * Opens a connection, within 8 seconds an attempt. A pooler that takes no startup options gets none: every transaction
 * says by itself whether it may write.
 *
 * @throws Fault `unreachable` and others, one sentence a cause; see {@link toConnectFault}
 */
export async function connectClient(
  connection: PostgresConnection,
  { answerMs, isReadOnly }: Purpose,
): Promise<Client> {
  const PgClient = await loadClient()
  let attempt: Attempt = {
    tls: connection.tls.mode !== 'disable' && !connection.host.startsWith('/'),
    options: isReadOnly ? '-c default_transaction_read_only=on' : '',
  }
  for (;;) {
    const client = new PgClient(describeClient(connection, attempt, answerMs))
    // Without a listener an error on a connection nobody waits for would end the process; whoever uses it next learns.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await endQuietly(client)
      const next = findNextAttempt(connection, attempt, error)
      if (!next) throw toConnectFault(error, connection)
      attempt = next
    }
  }
}

/** Ends a connection; one that is broken is gone anyway. */
export async function endQuietly(client: Client): Promise<void> {
  try {
    await client.end()
  } catch (error) {
    void error
  }
}
