import { resolve } from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import { repeatEvery } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { toDuckdbFault } from './fault.ts'
import { loadDuckdb } from './load.ts'
import { createSession, type DuckdbSession } from './session.ts'

/** An open DuckDB instance with a fixed number of connections. */
export interface Duckdb {
  readonly sessions: readonly DuckdbSession[]
  /** Lets the first session end its work, stops that of the others, and closes the file. Idempotent. */
  close(): Promise<void>
}

export interface DuckdbOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  readonly memoryLimitMb: number
  /** Connections; more cannot be made later, their settings being locked. */
  readonly sessions: number
  /** Whether statements may reach other files. */
  readonly reachesFiles: boolean
  /** Statements run once, on the first connection. */
  readonly setUp: string
  /** Statements run on every connection. */
  readonly setUpSession: string
  /** Automatic checkpoints when the write-ahead log grows past this; null leaves them to the caller. */
  readonly checkpointBytes?: number | null
}

/** Files this process has open: DuckDB's lock keeps other processes out, not this one. */
const openFiles = new Set<string>()

const inMemory = ':memory:'
const interruptAgainMs = 20
/** The last: joins by comparison go pair by pair where one side has few rows. */
const settings = `SET GLOBAL TimeZone = 'UTC'; SET GLOBAL integer_division = true;
  SET GLOBAL nested_loop_join_threshold = 5000;`

function configure(options: DuckdbOptions): Record<string, string> {
  return {
    threads: '1',
    memory_limit: `${options.memoryLimitMb}MB`,
    max_temp_directory_size: '1GB',
    enable_external_access: String(options.reachesFiles),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(options.checkpointBytes === null ? { wal_autocheckpoint: '1TB' } : {}),
  }
}

async function openSessions(
  instance: DuckDBInstance,
  options: DuckdbOptions,
  duckdb: Awaited<ReturnType<typeof loadDuckdb>>,
): Promise<readonly DuckdbSession[]> {
  const sessions: DuckdbSession[] = []
  for (let count = 0; count < options.sessions; count += 1) {
    const session = createSession(duckdb, await instance.connect())
    if (count === 0) await session.run(options.setUp)
    if (options.setUpSession !== '') await session.run(options.setUpSession)
    sessions.push(session)
  }
  await sessions[0]?.run('SET lock_configuration = true')
  return sessions
}

/** Waits until no session is at work. An interrupt before a statement has begun is lost, so it is repeated. */
async function settleAll([first, ...others]: readonly DuckdbSession[]): Promise<void> {
  const interrupt = (): void => {
    for (const session of others) session.interrupt()
  }
  interrupt()
  const stop = repeatEvery(interruptAgainMs, interrupt)
  await Promise.all([first?.settle(), ...others.map((session) => session.settle())])
  stop()
}

/**
 * Opens a database file, or an empty database in memory. Times are UTC, `/` between integers is an integer, one thread
 * a statement; afterwards no setting can be changed.
 *
 * @throws Fault `owned` when the file is open elsewhere, `warehouse-damaged` when it is no database or a broken one,
 * `read-only`, `disk-full`, `data-directory`; the file stays as it is
 */
export async function openDuckdb(options: DuckdbOptions): Promise<Duckdb> {
  const isFile = options.file !== inMemory
  const key = resolve(options.file)
  if (isFile && openFiles.has(key)) throw new Fault('owned', `${options.file} is already open in this process`)
  if (isFile) openFiles.add(key)
  let instance: DuckDBInstance | null = null
  try {
    const duckdb = await loadDuckdb()
    const opened = await duckdb.DuckDBInstance.create(options.file, configure(options))
    instance = opened
    const setUp = `${settings} ${options.setUp}`
    const sessions = await openSessions(opened, { ...options, setUp }, duckdb)
    let closing: Promise<void> | null = null
    const close = async (): Promise<void> => {
      await settleAll(sessions)
      for (const session of sessions) session.close()
      opened.closeSync()
      if (isFile) openFiles.delete(key)
    }
    return {
      sessions,
      close: () => {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    instance?.closeSync()
    if (isFile) openFiles.delete(key)
    throw toDuckdbFault(error, `${options.file} could not be opened`)
  }
}
