import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../core/cli/bin/storepulse.mjs')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

/** A started command: its process, and what it gave once it has ended. */
export interface Started {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
}

export interface StartOptions {
  /** The script to run; without it the command as it is built. */
  readonly program?: string
  /** Data directory. */
  readonly home: string
  readonly input?: Uint8Array | string
  /** Leaves standard input open for whoever writes to the process. */
  readonly keepsInputOpen?: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** Program and arguments that the command is run under. */
  readonly under?: readonly string[]
}

/** Starts the real `storepulse` command in a process of its own. */
export function startStorepulse(
  args: readonly string[],
  { program = bin, home, input, keepsInputOpen = false, environment = {}, under = [] }: StartOptions,
): Started {
  const startedMs = performance.now()
  const [command, ...before] = [...under, process.execPath]
  const child = spawn(command, [...before, program, ...args], {
    env: { ...process.env, NO_COLOR: '1', STOREPULSE_HOME: home, ...environment },
    stdio: [input === undefined && !keepsInputOpen ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command that ends before it has read its input is judged by its exit code.
  child.stdin?.on('error', () => undefined)
  if (!keepsInputOpen) child.stdin?.end(input)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({
        code,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        elapsedMs: performance.now() - startedMs,
      }),
    )
  })
  return { process: child, finished }
}

/** Runs the command to its end. */
export const runStorepulse = (args: readonly string[], options: StartOptions): Promise<Finished> =>
  startStorepulse(args, options).finished

/** The last line of output, parsed. */
export function lastJson<Value>({ stdout }: Finished): Value {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? 'null') as Value
}

/** Every line of output, parsed. */
export const jsonLines = <Value>({ stdout }: Finished): readonly Value[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Value)
