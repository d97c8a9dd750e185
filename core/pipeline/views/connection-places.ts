import { Fault } from '../../base/fault.ts'
import type { ProfileView } from '../../protocol/cluster.ts'
import { parseBrokers, formatBroker } from '../../settings/brokers.ts'
import { namesPostgres, type PostgresUse, readPostgresConnection } from '../../settings/postgres-connection.ts'
import { parsePostgres } from '../../settings/postgres-url.ts'
import type { Settings } from '../../settings/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Host, port and database that a PostgreSQL text leads to, and nothing else of it; null where it cannot be read. */
export function describeDatabase(text: string): string | null {
  const parsed = text.trim() === '' ? null : parsePostgres(text)
  if (!parsed?.ok) return null
  const { dbname, host = 'localhost', port } = parsed.parameters
  return `${host}${port === undefined ? '' : `:${port}`}${dbname === undefined ? '' : `/${dbname}`}`
}

/** Host and port of a URL, and nothing else of it; null where it cannot be read. */
export function describeUrl(text: string): string | null {
  const hosts = text.split(',').map((part) => (URL.canParse(part.trim()) ? new URL(part.trim()).host : ''))
  return hosts.every((host) => host !== '') ? hosts.join(', ') : null
}

function describeBrokers(settings: Settings): string | null {
  const brokers = parseBrokers(settings.text('kafka.brokers')) ?? []
  const [first] = brokers
  if (!first) return null
  return brokers.length === 1 ? formatBroker(first) : `${formatBroker(first)} and ${brokers.length - 1} more`
}

/** The first PostgreSQL server a profile uses, wherever it is named; null where none can be told. */
function describePostgres(settings: Settings, environment: Environment, use: PostgresUse): string | null {
  if (!settings.profile.services.includes('postgres') || !namesPostgres(settings, environment, use)) return null
  try {
    const { database, host, port } = readPostgresConnection(settings, environment, use)
    return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
  } catch (error) {
    // What cannot be read is said among what the profile lacks.
    if (error instanceof Fault) return null
    throw error
  }
}

/** The servers a profile reads and writes, as they are named on screen; null for this computer. */
export function describeServers(
  settings: Settings,
  environment: Environment,
): Pick<ProfileView, 'eventsFrom' | 'rowsTo'> {
  const { eventsFrom, rowsTo } = settings.profile
  return {
    eventsFrom: eventsFrom === 'kafka' ? describeBrokers(settings) : null,
    rowsTo: rowsTo === 'postgres' ? describePostgres(settings, environment, 'write') : null,
  }
}

/** The table of the cluster that a profile can read beside its own, as it is named on screen; null without one. */
export const describeTable = (settings: Settings, environment: Environment): string | null =>
  describePostgres(settings, environment, 'read')
