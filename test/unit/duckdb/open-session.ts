import { onTestFinished } from 'vitest'
import { type DuckdbOptions, openDuckdb } from '../../../core/duckdb/connection.ts'
import type { DuckdbSession } from '../../../core/duckdb/session.ts'

/** Opens a database, by default in memory and without files, and gives its sessions; closed when the test ends. */
export async function openSessions(changes: Partial<DuckdbOptions> = {}): Promise<readonly DuckdbSession[]> {
  const database = await openDuckdb({
    file: ':memory:',
    memoryLimitMb: 96,
    sessions: 1,
    reachesFiles: false,
    setUp: '',
    setUpSession: '',
    ...changes,
  })
  onTestFinished(() => database.close())
  return database.sessions
}

export async function openSession(changes: Partial<DuckdbOptions> = {}): Promise<DuckdbSession> {
  const [session] = await openSessions(changes)
  if (!session) throw new Error('there is no session')
  return session
}
