import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { findUser, type PostgresAddress, runSql } from './postgres.ts'
import { postgresFolder } from './postgres-install.ts'
import { findFreePorts, makeServerDirectory, removeServerDirectory, startServerProcess } from './server-process.ts'

/** A hot standby that follows `primary`, from a copy of it; ends with the test. */
export async function startStandby(primary: PostgresAddress): Promise<PostgresAddress> {
  const directory = makeServerDirectory('standby')
  const runsAs = findUser()
  if (runsAs) chownSync(directory, runsAs.uid, runsAs.gid)
  const [port = 0] = await findFreePorts(1)
  const data = join(directory, 'data')
  const programs = join(postgresFolder(), 'bin')
  const source = ['-h', primary.host, '-p', String(primary.port), '-U', primary.user]
  execFileSync(
    join(programs, 'pg_basebackup'),
    [...source, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    {
      cwd: directory,
      env: { ...process.env, PGPASSWORD: primary.password },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...runsAs,
    },
  )
  const standby = { ...primary, port }
  const started = await startServerProcess({
    program: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port)],
    directory,
    output: 'standby.log',
    ...(runsAs ? { user: runsAs } : {}),
    probe: async () => void runSql(standby, 'SELECT 1'),
  })
  onTestFinished(async () => {
    await started.end('SIGQUIT')
    removeServerDirectory(directory)
  })
  return standby
}
