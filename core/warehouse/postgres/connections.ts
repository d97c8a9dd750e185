import type { PostgresConnection } from '../../base/connections.ts'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Purpose } from './connection.ts'
import { createPreferredChoice } from './preferred-choice.ts'
import { createServerChoice, type ServerChoice } from './server-choice.ts'
import { createSession, type PostgresSession } from './session.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { beginSql, runTransaction } from './transaction.ts'

/** The connections of one warehouse, by what they are for: none of them waits for another kind. */
export interface Connections {
  /** One: commits come in the order of asking. */
  readonly writer: Sessions
  /** Small writes beside commits, and snapshots. */
  readonly side: Sessions
  readonly reader: Sessions
  readonly guests: Sessions
  readonly cancelling: Sessions
  /** After the first success whatever keeps a connection from being opened may pass. */
  noteConnected(): void
  close(): Promise<void>
}

export interface Servers {
  readonly connection: PostgresConnection
  /** Further servers of the same data: the first that takes writes is used, another one after a failover. */
  readonly others?: readonly PostgresConnection[]
  /** A replica that answers queries, and where nothing is written all reads; the primary does while it is away. Or null. */
  readonly readConnection: PostgresConnection | null
  /** Further replicas: the first that answers is used. */
  readonly otherReaders?: readonly PostgresConnection[]
  /** Told why the replica is not used, and null once it is again. */
  readonly onReplica?: (fault: Fault | null) => void
  /** False: every session is read-only. */
  readonly writes: boolean
  readonly clock: Clock
}

/** A little more than a statement may take, and than user SQL may. */
const commitAnswerMs = 15_000
const patientAnswerMs = 45_000

function makeConnections(servers: Servers): Connections {
  const { clock, readConnection, writes } = servers
  let hasConnected = false
  const makeOpen = (target: ServerChoice, purpose: Purpose) => async (): Promise<PostgresSession> => {
    try {
      const { client, isStale } = await target.connect(purpose)
      return createSession(client, isStale)
    } catch (error) {
      throw hasConnected && error instanceof Fault ? makeRetriable(error) : error
    }
  }
  const make = (target: ServerChoice, purpose: Purpose, most: number): Sessions =>
    createSessions({ open: makeOpen(target, purpose), most, clock })
  // Progress is read where it is written: a standby may be behind.
  const connection = createServerChoice([servers.connection, ...(servers.others ?? [])], writes ? 'writable' : 'any')
  const forReading = readConnection
    ? createPreferredChoice({
        preferred: createServerChoice([readConnection, ...(servers.otherReaders ?? [])], 'any'),
        fallback: connection,
        clock,
        onChange: servers.onReplica ?? (() => undefined),
      })
    : connection
  const all = {
    writer: make(connection, { isReadOnly: !writes, answerMs: commitAnswerMs }, 1),
    side: make(connection, { isReadOnly: !writes, answerMs: patientAnswerMs }, 2),
    reader: make(writes ? connection : forReading, { isReadOnly: true, answerMs: patientAnswerMs }, 2),
    guests: make(forReading, { isReadOnly: true, answerMs: patientAnswerMs }, 4),
    cancelling: make(forReading, { isReadOnly: true, answerMs: commitAnswerMs }, 1),
  }
  return {
    ...all,
    noteConnected() {
      hasConnected = true
    },
    async close() {
      await Promise.all(Object.values(all).map((sessions) => sessions.close()))
    },
  }
}

const makeRetriable = (fault: Fault): Fault =>
  new Fault(fault.code, fault.message, {
    retry: true,
    domain: fault.domain,
    cause: fault.cause ?? fault,
    detail: fault.detail,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  })

const oldestVersion = 130_000

/** Looks at the server once. @throws Fault where it cannot be worked with */
async function greet(sessions: Sessions, writes: boolean): Promise<void> {
  const begin = { sql: beginSql('READ ONLY'), doing: 'the server could not be asked for its version' }
  const [server] = await runTransaction(sessions, begin, (session) =>
    session.read(
      `SELECT current_setting('server_version_num'), current_setting('server_version'), pg_is_in_recovery(),
        current_setting('default_transaction_read_only') = 'on'`,
      [],
      (row) => ({ number: row.number(0), version: row.text(1), isStandby: row.flag(2), isReadOnly: row.flag(3) }),
    ),
  )
  if (!server) throw new Fault('internal', 'the server does not say what it is')
  if (server.number < oldestVersion) {
    throw new Fault('refused', `the server is PostgreSQL ${server.version}, the oldest that works is 13`, {
      hint: 'choose a newer server',
    })
  }
  if (!writes || (!server.isStandby && !server.isReadOnly)) return
  throw new Fault('read-only', server.isStandby ? 'the server is a standby' : 'the server takes no writes', {
    retry: true,
    hint: 'connect to the primary; after a failover work goes on once this server takes writes',
  })
}

/**
 * Opens the connections and looks at the server once.
 *
 * @throws Fault `unreachable`, `refused`, `read-only`, one sentence a cause, within 10 seconds
 */
export async function openConnections(servers: Servers): Promise<Connections> {
  const connections = makeConnections(servers)
  try {
    await greet(servers.writes ? connections.writer : connections.reader, servers.writes)
    connections.noteConnected()
    return connections
  } catch (error) {
    await connections.close()
    throw error
  }
}
