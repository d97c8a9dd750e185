import type { ChildProcess } from 'node:child_process'
import { cpSync } from 'node:fs'
import { type Finished, runStorepulse, startStorepulse } from '../storepulse.ts'

/** A running `storepulse serve`. */
export interface ServeProcess {
  readonly home: string
  /** The link it printed; good for one sign-in. */
  readonly link: string
  /** `http://127.0.0.1:54321` */
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** A further link, as `storepulse link` prints it. */
  mintLink(role: 'view' | 'operate'): Promise<string>
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Finished>
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

export interface ServeChoice {
  readonly home: string
  readonly settings?: Readonly<Record<string, string | number>>
  readonly args?: readonly string[]
  /** 0 picks one. */
  readonly port?: number
  readonly environment?: Readonly<Record<string, string>>
}

export const toFlags = (settings: Readonly<Record<string, string | number>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])

/** Starts it and waits for its link. @throws when it ends before, with what it said */
export async function startServe({
  home,
  settings = {},
  args = [],
  port = 0,
  environment = {},
}: ServeChoice): Promise<ServeProcess> {
  const started = startStorepulse(['serve', '--port', String(port), ...args, ...toFlags(settings)], {
    home,
    environment,
  })
  const link = await new Promise<string>((resolve, reject) => {
    let text = ''
    started.process.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end >= 0) resolve(text.slice(0, end))
    })
    void started.finished.then(({ code, stderr }) => reject(new Error(`serve ended with ${code}: ${stderr}`)))
  })
  const { origin, port: opened } = new URL(link)
  return {
    home,
    link,
    url: origin,
    port: Number(opened),
    process: started.process,
    async mintLink(role) {
      const { stdout, stderr } = await runStorepulse(['link', '--role', role], { home })
      if (stdout === '') throw new Error(stderr)
      return stdout.trim()
    },
    stop() {
      started.process.kill('SIGTERM')
      return started.finished
    },
    async kill() {
      started.process.kill('SIGKILL')
      await started.finished
    },
  }
}

/** Data directories that tests begin with; each is made once, and copied. */
export const pasts = {
  /** Twenty-six hours of a quiet business with some disorder: there is a yesterday to compare with. */
  day: {
    duration: '26h',
    settings: {
      'generator.rate': 3,
      'generator.disorder.late': 0.01,
      'generator.disorder.duplicate': 0.01,
      'generator.disorder.invalid': 0.01,
    },
  },
  /** A quarter of an hour of a busy one. */
  busy: { duration: '15m', settings: { 'generator.rate': 120 } },
} as const

export interface PastChoice {
  readonly duration: string
  readonly settings: Readonly<Record<string, string | number>>
}

/** Makes a past in an empty data directory. */
export async function makePast({ duration, settings }: PastChoice, home: string): Promise<void> {
  const args = ['run', '--backfill', duration, '--no-generator', '--until-caught-up', ...toFlags(settings)]
  const { code, stderr } = await runStorepulse(args, { home })
  if (code !== 0) throw new Error(`making the past ended with ${code}: ${stderr}`)
}

/** A copy to write to. */
export function copyPast(from: string, home: string): void {
  cpSync(from, home, { recursive: true })
}
