import { createConnection } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createAuthority } from './certificates.ts'
import { type OwnServer, startOwnServer } from './server-controls.ts'
import { findFreePorts, makeServerDirectory } from './server-process.ts'

export interface RedisOptions {
  readonly password?: string
  /** Speaks TLS and nothing else, with a certificate of an authority of its own. */
  readonly tls?: boolean
  /** Settings as in redis.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Where a server is and how to get in; plain data. */
export interface RedisAddress {
  /** With the password, if there is one; `rediss:` with TLS. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly password: string | null
  /** Certificate of the authority that signed the server's; null without TLS. */
  readonly ca: string | null
}

/** Nothing of its data outlives `halt`. */
export type RedisServer = RedisAddress & OwnServer

/** PING: whoever answers, if only to ask for a password, serves. */
function probeRedis(port: number, ca: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = ca === null ? createConnection(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ca })
    socket.once(ca === null ? 'connect' : 'secureConnect', () => socket.write('PING\r\n'))
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer within 5 s')))
    socket.once('error', reject)
    socket.once('data', () => {
      resolve()
      socket.destroy()
    })
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}

/** Starts a Redis of its own that keeps nothing on disk. Whoever starts it stops it. */
export async function startRedis({ password, tls = false, settings = {} }: RedisOptions = {}): Promise<RedisServer> {
  const directory = makeServerDirectory('redis')
  const [port = 0] = await findFreePorts(1)
  const authority = tls ? createAuthority(directory) : null
  const certificate = authority?.issue('localhost', ['localhost', '127.0.0.1'])
  const all: Readonly<Record<string, string>> = {
    bind: '127.0.0.1',
    port: tls ? '0' : String(port),
    save: '',
    appendonly: 'no',
    ...(password === undefined ? {} : { requirepass: password }),
    ...(authority && certificate
      ? {
          'tls-port': String(port),
          'tls-cert-file': certificate.certificateFile,
          'tls-key-file': certificate.keyFile,
          'tls-ca-cert-file': authority.certificateFile,
          'tls-auth-clients': 'no',
        }
      : {}),
    ...settings,
  }
  const ca = authority?.certificate ?? null
  const server = await startOwnServer(
    {
      program: 'redis-server',
      args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
      directory,
      output: 'redis.log',
      probe: () => probeRedis(port, ca),
    },
    { halt: 'SIGKILL', stop: 'SIGKILL' },
  )
  return {
    url: `${tls ? 'rediss' : 'redis'}://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    password: password ?? null,
    ca,
    ...server,
  }
}
