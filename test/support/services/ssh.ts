import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './machine.ts'
import {
  findFreePorts,
  makeServerDirectory,
  removeServerDirectory,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts'

/** Debian keeps it where only root looks. */
export const findSshServer = (): string | null => findProgram('sshd') ?? findProgram('sshd', ['/usr/sbin'])

/** An SSH server that lets the user of this machine in by key, to forward connections. */
export interface SshServer {
  readonly host: string
  readonly port: number
  readonly username: string
  /** Private key that lets in. */
  readonly keyFile: string
  /** `SHA256:…` of its own key. */
  readonly hostKey: string
  /** Connections it has forwarded, as its log says. */
  readLog(): string
  halt(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const makeKey = (file: string): void =>
  void execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a test', '-f', file])

/** Whoever answers with its version serves. */
const probe = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })

/** Starts one of its own. Whoever starts it stops it. */
export async function startSshServer(): Promise<SshServer> {
  const program = findSshServer()
  if (program === null) throw new Error('there is no sshd: run the installer beside this file')
  const directory = makeServerDirectory('ssh')
  const [port = 0] = await findFreePorts(1)
  const { username } = userInfo()
  const keyFile = join(directory, 'client')
  const hostKeyFile = join(directory, 'host')
  makeKey(keyFile)
  makeKey(hostKeyFile)
  // Where it parts with its rights; Debian makes it when the service is started.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: hostKeyFile,
    AuthorizedKeysFile: `${keyFile}.pub`,
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'yes',
    MaxSessions: 100,
    LogLevel: 'DEBUG1',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  writeFileSync(join(directory, 'sshd_config'), lines.join(''))
  const [, hostKey = ''] = execFileSync('ssh-keygen', ['-l', '-f', hostKeyFile], { encoding: 'utf8' }).split(' ')
  let server: ServerProcess | null = null
  const start = async (): Promise<void> => {
    server ??= await startServerProcess({
      program,
      args: ['-D', '-e', '-f', join(directory, 'sshd_config')],
      directory,
      output: 'sshd.log',
      probe: () => probe(port),
    })
  }
  const halt = async (): Promise<void> => {
    await server?.end('SIGTERM')
    server = null
  }
  await start()
  return {
    host: '127.0.0.1',
    port,
    username,
    keyFile,
    hostKey,
    readLog: () => readFileSync(join(directory, 'sshd.log'), 'utf8'),
    halt,
    start,
    async stop() {
      await halt()
      removeServerDirectory(directory)
    },
  }
}
