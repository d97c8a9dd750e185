import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './machine.ts'
import { setTimeout as sleep } from 'node:timers/promises'

/** What starts a server and how to see that it answers. */
export interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  /** File in `directory` that takes what it prints. */
  readonly output: string
  readonly environment?: Readonly<Record<string, string>>
  /** Runs it as this user and group. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Throws until the server answers. */
  readonly probe: () => Promise<void>
  readonly readyWithinMs?: number
}

export interface ServerProcess {
  readonly pid: number
  /** Sends a signal and waits for the end; kills what has not ended after 30 s. Does nothing when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  resume(): void
}

/** Those that run, for when this process ends first. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Where the machine can, the server is killed with whoever started it, even if that one is killed itself. */
function bindToThisProcess({ program, args, user }: ServerCommand): readonly [string, readonly string[]] {
  const setpriv = findProgram('setpriv')
  if (setpriv === null) return [program, args]
  const rights = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
  return [setpriv, [...rights, '--pdeathsig', 'KILL', '--', program, ...args]]
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // A paused process hears nothing but SIGKILL.
  child.kill('SIGCONT')
  child.kill(signal)
  const patience = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await ended
  clearTimeout(patience)
}

/** Starts a server and waits until its probe passes. @throws with the end of its output when it ends or takes too long */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const { directory, output, environment, user, probe, readyWithinMs = 90_000 } = command
  const [program, args] = bindToThisProcess(command)
  const outputFile = join(directory, output)
  const target = openSync(outputFile, 'a')
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', target, target],
    ...(findProgram('setpriv') === null ? user : {}),
  })
  closeSync(target)
  running.add(child)
  child.once('exit', () => running.delete(child))
  let failure: unknown
  child.once('error', (error) => {
    failure = error
    running.delete(child)
  })
  const deadlineMs = performance.now() + readyWithinMs
  for (;;) {
    try {
      await probe()
      break
    } catch (error) {
      if (failure !== undefined || hasEnded(child) || performance.now() > deadlineMs) {
        await endProcess(child, 'SIGKILL')
        const said = readFileSync(outputFile, 'utf8').slice(-4_000)
        throw new Error(`${command.program} did not get ready: ${String(failure ?? error)}\n${said}`, { cause: error })
      }
      await sleep(50)
    }
  }
  return {
    pid: child.pid ?? 0,
    end: (signal) => endProcess(child, signal),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  }
}

/** Whether nothing listens on a port. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Below the ports that systems give to outgoing connections, which could be gone again before a server takes its own. */
const firstPort = 20_000
const portCount = 12_000
/** One file a port that was given away, named for it, with the process that has it. */
const portsFolder = join(tmpdir(), 'storepulse-ports')

const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

/** Takes a port for this process, so that no other run of tests on this machine gives it away too. */
function reserve(port: number): boolean {
  const file = join(portsFolder, String(port))
  try {
    mkdirSync(portsFolder, { recursive: true })
    if (existsSync(file) && !isAlive(Number(readFileSync(file, 'utf8')))) rmSync(file, { force: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** Ports on which nothing listens, all different, and nobody else's for as long as this process lives. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if (reserve(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

/** A directory for one server. Who starts it removes it. */
export const makeServerDirectory = (name: string): string => mkdtempSync(join(tmpdir(), `storepulse-${name}-`))

export const removeServerDirectory = (directory: string): void =>
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
