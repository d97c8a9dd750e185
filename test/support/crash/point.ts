import type { Planting } from '../planted-code.ts'

/**
 * What a process has to be doing to come by a point: taking records while it counts them, starting where nothing was
 * before, ending, standing still long enough for windows to close by the clock, counting records after all, or being asked
 * to.
 */
export type Occasion = 'live' | 'first-start' | 'stop' | 'idle' | 'readmission' | 'asking-readmission'

/** A place in the code where a process may be made to end without warning. */
export interface CrashPoint extends Planting {
  readonly name: string
  readonly meaning: string
  readonly occasion: Occasion
  /** It is passed about so often in a second of work: which time is fatal is drawn up to this. */
  readonly often: number
}

/** Which point is fatal, and the how manieth time. */
export interface Fate {
  readonly point: string
  readonly nth: number
}

/** How a process is told its fate. */
export const fateEnvironment = ({ nth, point }: Fate): Readonly<Record<string, string>> => ({
  CRASH_AT: point,
  CRASH_NTH: String(nth),
})

/** Code that is true at the fatal time. */
export const isDue = (name: string): string =>
  `(process.env['CRASH_AT'] === '${name}' && (globalThis.crashPasses = (globalThis.crashPasses ?? 0) + 1) === Number(process.env['CRASH_NTH']))`

/** Code that ends the process as a power switch does. */
export const die = "process.kill(process.pid, 'SIGKILL')"

/** Code that does so at the fatal time. */
export const dieIfDue = (name: string): string => `if (${isDue(name)}) { ${die} }`

type Told = Pick<CrashPoint, 'name' | 'meaning' | 'file'> & Partial<Pick<CrashPoint, 'occasion' | 'often'>>

/** A point of any shape. */
export const pointAt = (told: Told, find: string, replace: string): CrashPoint => ({
  occasion: 'live',
  often: 8,
  ...told,
  find,
  replace,
})

export const pointBefore = (told: Told, find: string): CrashPoint =>
  pointAt(told, find, `${dieIfDue(told.name)} ${find}`)
export const pointAfter = (told: Told, find: string): CrashPoint =>
  pointAt(told, find, `${find}; ${dieIfDue(told.name)}`)

/** Where a statement is on its way: the process ends while it is carried out elsewhere. */
export const pointDuring = (told: Told, find: string, before: string, call: string): CrashPoint =>
  pointAt(
    told,
    find,
    `const underWay = ${call}; if (${isDue(told.name)}) { await new Promise((resolve) => setImmediate(resolve)); ${die} } ${before}await underWay`,
  )
