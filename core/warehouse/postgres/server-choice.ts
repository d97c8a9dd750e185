import type { Client } from 'pg'
import type { PostgresConnection } from '../../base/connections.ts'
import { Fault } from '../../base/fault.ts'
import { connectClient, endQuietly, type Purpose } from './connection.ts'
import { toConnectFault } from './connect-fault.ts'

/** A connection, and the server it leads to. */
export interface Chosen {
  readonly client: Client
  readonly server: PostgresConnection
  /** Whether a better server is there by now; left out where this is the one that is wanted. */
  readonly isStale?: () => boolean
}

/** Which of several servers a connection goes to. */
export interface ServerChoice {
  /** @throws Fault that says of each server why it is not the one; it may pass where one of them only takes no writes */
  connect(purpose: Purpose): Promise<Chosen>
}

/** As libpq's target_session_attrs has them: `read-write`, and `any`. */
export type Wanted = 'writable' | 'any'

const askSql = "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on'"

const formatServer = ({ host, port }: PostgresConnection): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Why a server that answers is not the one that is wanted, or null where it is. */
async function findObstacle(client: Client, { isReadOnly }: Purpose): Promise<string | null> {
  const { rows } = await client.query<[boolean, boolean]>({ text: askSql, rowMode: 'array' })
  const [isStandby, isReadOnlyByDefault] = rows[0] ?? [true, true]
  if (isStandby) return 'is a standby'
  // A session that is to be read-only has been made so by us.
  return isReadOnlyByDefault && !isReadOnly ? 'takes no writes' : null
}

async function tryServer(server: PostgresConnection, purpose: Purpose, wanted: Wanted): Promise<Client> {
  const client = await connectClient(server, purpose)
  if (wanted === 'any') return client
  try {
    const obstacle = await findObstacle(client, purpose)
    if (obstacle === null) return client
    throw new Fault('read-only', `${formatServer(server)} ${obstacle}`, {
      retry: true,
      hint: 'connect to the primary; after a failover work goes on once one of the servers takes writes',
    })
  } catch (error) {
    await endQuietly(client)
    throw toConnectFault(error, server)
  }
}

/** One fault for all that failed. */
function join(faults: readonly Fault[]): Fault {
  const telling = faults.find(({ code }) => code === 'read-only') ?? faults[0]
  if (telling === undefined) return new Fault('internal', 'no PostgreSQL server is named')
  if (faults.length === 1) return telling
  return new Fault(
    telling.code,
    `none of ${faults.length} servers: ${faults.map(({ message }) => message).join('; ')}`,
    {
      retry: faults.some(({ retry }) => retry),
      domain: telling.domain,
      cause: telling,
      detail: telling.detail,
      ...(telling.hint === undefined ? {} : { hint: telling.hint }),
    },
  )
}

/**
 * Connects to the first of `servers` that is as wanted. The one that was last is tried first, so that a server which does
 * not answer costs its patience once, and two that both take writes are never written in turn. A single server is taken as
 * it is.
 */
export function createServerChoice(servers: readonly PostgresConnection[], wanted: Wanted): ServerChoice {
  let last = 0
  const needed = servers.length > 1 ? wanted : 'any'
  return {
    async connect(purpose) {
      const faults: Fault[] = []
      const order = [last, ...servers.keys()].filter((index, place, all) => all.indexOf(index) === place)
      for (const index of order) {
        const server = servers[index]
        if (server === undefined) continue
        try {
          const client = await tryServer(server, purpose, needed)
          last = index
          return { client, server }
        } catch (error) {
          if (!(error instanceof Fault)) throw error
          faults.push(error)
        }
      }
      throw join(faults)
    },
  }
}
