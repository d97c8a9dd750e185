import { chmodSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findUser, type PostgresAddress } from './postgres.ts'
import { findFreePorts, makeServerDirectory, removeServerDirectory, startServerProcess } from './server-process.ts'

/** A pooler in front of a server. */
export interface Pooler extends PostgresAddress {
  stop(): Promise<void>
}

const probe = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })

/**
 * Starts PgBouncer in transaction mode: each transaction may come to another of `connections` server sessions. Whoever
 * starts it stops it.
 */
export async function startPooler(server: PostgresAddress, connections: number): Promise<Pooler> {
  const directory = makeServerDirectory('pgbouncer')
  chmodSync(directory, 0o755)
  const [port = 0] = await findFreePorts(1)
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(directory, 'users'),
    pool_mode: 'transaction',
    default_pool_size: connections,
    max_client_conn: 100,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  const databases = `[databases]\n* = host=${server.host} port=${server.port}\n`
  writeFileSync(join(directory, 'pgbouncer.ini'), `${databases}[pgbouncer]\n${lines.join('')}`)
  writeFileSync(join(directory, 'users'), `"${server.user}" "${server.password}"\n`)
  // It refuses to run as root, as PostgreSQL does.
  const user = findUser()
  const started = await startServerProcess({
    program: 'pgbouncer',
    args: [join(directory, 'pgbouncer.ini')],
    directory,
    output: 'pgbouncer.log',
    probe: () => probe(port),
    ...(user ? { user } : {}),
  })
  const url = new URL(server.url)
  url.port = String(port)
  return {
    ...server,
    url: url.href,
    port,
    async stop() {
      await started.end('SIGTERM')
      removeServerDirectory(directory)
    },
  }
}
