import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { TunnelConnection } from '../base/connections.ts'
import type { Clock } from '../base/clock.ts'
import type { Dial } from '../base/dial.ts'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'
import { createTunnelSocket } from './tunnel-socket.ts'

/**
 * Connections through one SSH server.
 *
 * 1. The session with it is opened when it is needed, shared by all, and ended with the last of them.
 * 2. A server whose key is not the one that was named is never signed in to.
 */
export interface Tunnel {
  readonly dial: Dial
  /** Signs in and leaves. @throws Fault `refused` or `unreachable`, one sentence a cause */
  check(): Promise<void>
}

const patienceMs = 8_000
const keepAliveMs = 10_000

const describeKey = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

function explainHostKey(where: string, expected: string, shown: string): Fault {
  const lead = expected === '' ? 'shows the key' : `shows another key than tunnel.hostKey says:`
  return new Fault('refused', `the SSH server ${where} ${lead} ${shown}`, {
    domain: 'user',
    hint:
      expected === ''
        ? 'compare it with what ssh-keygen -l -f prints on that server, and set tunnel.hostKey to it'
        : 'somebody may be in between: set tunnel.hostKey to it only where the server’s key was changed',
  })
}

function explain({ host, port, username }: TunnelConnection, error: unknown): Fault {
  if (error instanceof Fault) return error
  const where = `${host}:${port}`
  const message = describeError(error)
  if (/authentication methods failed/i.test(message)) {
    return new Fault('refused', `the SSH server ${where} does not let ${username} in`, {
      domain: 'user',
      hint: 'check tunnel.username, and tunnel.key or tunnel.password',
    })
  }
  if (/passphrase|privateKey|private key/i.test(message)) {
    const hint = 'check tunnel.key and tunnel.passphrase'
    return new Fault('setting', `tunnel.key cannot be used: ${message}`, { domain: 'user', hint })
  }
  const causes: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'no address is known for its host',
    ECONNRESET: 'it closed the connection',
  }
  const cause = causes[systemErrorCode(error) ?? ''] ?? (/timed? ?out/i.test(message) ? 'it did not answer' : message)
  return new Fault('unreachable', `the SSH server ${where} could not be reached: ${cause}`, {
    retry: true,
    cause: error,
    hint: 'check tunnel.host and tunnel.port, and that sshd runs there',
  })
}

/** Connects and signs in. */
async function openSession(connection: TunnelConnection): Promise<Client> {
  const module = await import('ssh2')
  const { host, key, passphrase, password, port, username } = connection
  const client = new module.default.Client()
  let refusal: Fault | null = null
  return await new Promise<Client>((resolve, reject) => {
    const fail = (error: unknown): void => {
      client.destroy()
      reject(refusal ?? explain(connection, error))
    }
    client.once('ready', () => resolve(client))
    // Stays for as long as the session: an error nobody listens for would end the process.
    client.on('error', fail)
    client.once('close', () => fail(new Error('it closed the connection')))
    try {
      client.connect({
        host,
        port,
        username,
        ...(password === null ? {} : { password }),
        ...(key === null ? {} : { privateKey: key }),
        ...(passphrase === null ? {} : { passphrase }),
        readyTimeout: patienceMs,
        keepaliveInterval: keepAliveMs,
        keepaliveCountMax: 3,
        hostVerifier(shown) {
          const isRight = describeKey(shown) === connection.hostKey
          if (!isRight) refusal = explainHostKey(`${host}:${port}`, connection.hostKey, describeKey(shown))
          return isRight
        },
      })
    } catch (error) {
      fail(error)
    }
  })
}

/** Nothing is opened before it is needed. */
export function createTunnel(connection: TunnelConnection, clock: Clock): Tunnel {
  let session: Promise<Client> | null = null
  let users = 0

  const enter = (): Promise<Client> => {
    users += 1
    if (session) return session
    const opening = openSession(connection)
    session = opening
    const forget = (): void => {
      if (session === opening) session = null
    }
    opening.then((client) => client.once('close', forget), forget)
    return opening
  }
  const leave = (): void => {
    users -= 1
    if (users > 0 || !session) return
    const last = session
    session = null
    last.then(
      (client) => client.end(),
      () => undefined,
    )
  }
  const openChannel = async (host: string, port: number): Promise<Duplex> => {
    const client = await enter()
    return await new Promise<Duplex>((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        if (error) reject(explainChannel(connection, `${host}:${port}`, error))
        else resolve(channel)
      })
    })
  }
  return {
    dial: (host, port) => createTunnelSocket(() => openChannel(host, port), leave, clock),
    async check() {
      try {
        await enter()
      } finally {
        leave()
      }
    },
  }
}

const explainChannel = ({ host }: TunnelConnection, where: string, error: Error): Fault =>
  new Fault('unreachable', `${where} could not be reached from the SSH server ${host}: ${error.message}`, {
    retry: true,
    cause: error,
    hint: 'check that its name and port are right as seen from that server, and that it allows forwarding',
  })
