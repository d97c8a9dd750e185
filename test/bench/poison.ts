import { cpSync } from 'node:fs'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import type { LogRecord } from '../../core/events/record.ts'
import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import { createEngine } from '../../core/stream/engine.ts'
import { createLogRecord } from '../support/log-record.ts'
import { type Figure, makeHome, readBoards, run } from './measure.ts'

const badShare = 0.01
const repetitions = 5
const memoryRecords = 200_000
const loggedRecords = 500_000
const epochRecords = 20_000
const from = Date.UTC(2025, 0, 6)

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function makeRecords(invalid: number): readonly LogRecord[] {
  const disorder = { ...noDisorder, invalid }
  const options = { seed: 1, rate: 1_000, rates: {}, stores: 10, shape: 'flat', disorder } as const
  return createGenerator(options, from)
    .advance(from + 10_000_000, memoryRecords)
    .map(({ topic, value, sentAtMs }, index) =>
      createLogRecord(topic, value, { offset: index, sequence: index, appendedAtMs: sentAtMs }),
    )
}

/** Sound records a second through decoding and the engine. */
function measureMemory(records: readonly LogRecord[]): number {
  const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })
  const engine = createEngine(
    { windowSizeMs: 60_000, latenessMs: 600_000, duplicates: 'drop', maxIds: 4_000_000, sketch: windowSketch },
    null,
  )
  let invalid = 0
  const startedMs = performance.now()
  for (let at = 0; at < records.length; at += epochRecords) {
    const read = records.slice(at, at + epochRecords).map((record) => ({
      record,
      decoded: decoder.decode(record, record.appendedAtMs),
    }))
    invalid += engine.apply(read, 0).quarantined.length
  }
  return ((records.length - invalid) / (performance.now() - startedMs)) * 1_000
}

/** A data directory whose log holds the records. */
async function fillHome(invalid: number): Promise<{ readonly home: string; remove(): void }> {
  const made = makeHome()
  const common = ['generate', '--seed', '1', '--count', String(loggedRecords), '--rate', '1000', '--to', 'log']
  await run(made.home, invalid > 0 ? [...common, '--disorder', `invalid=${invalid}`] : common)
  return made
}

/** Sound records a second of a whole catch-up, less what the command takes where there is nothing to catch up with. */
async function measureCatchUp(filled: string): Promise<number> {
  const { home, remove } = makeHome()
  try {
    cpSync(filled, home, { recursive: true })
    const caughtUp = await run(home, ['run', '--until-caught-up', '--json'])
    const idle = await run(home, ['run', '--until-caught-up', '--json'])
    const { received = 0, invalid = 0 } = readBoards(caughtUp).at(-1)?.records ?? {}
    if (received !== loggedRecords) throw new Error(`${received} of ${loggedRecords} records were received`)
    return ((received - invalid) / (caughtUp.elapsedMs - idle.elapsedMs)) * 1_000
  } finally {
    remove()
  }
}

/** Turn and turn about, so that a busy minute of the machine is bad for both. */
async function compare(
  what: string,
  measureSound: () => Promise<number>,
  measureBad: () => Promise<number>,
): Promise<readonly Figure[]> {
  const sound: number[] = []
  const bad: number[] = []
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    sound.push(await measureSound())
    bad.push(await measureBad())
  }
  const figure = (name: string, value: number, unit: string): Figure => ({ bench: 'poison', what: name, value, unit })
  return [
    figure(`${what}, all records sound`, median(sound), 'sound records/s'),
    figure(`${what}, 1 % bad`, median(bad), 'sound records/s'),
    figure(`${what}, 1 % bad ÷ all sound`, median(bad) / median(sound), 'ratio'),
  ]
}

/** R4: what one record in a hundred being bad, of every reason, costs the others. Medians of five, in turn. */
export async function benchPoison(): Promise<readonly Figure[]> {
  const [soundRecords, badRecords] = [makeRecords(0), makeRecords(badShare)]
  const inMemory = await compare(
    'decode + engine',
    async () => measureMemory(soundRecords),
    async () => measureMemory(badRecords),
  )
  const [soundHome, badHome] = [await fillHome(0), await fillHome(badShare)]
  try {
    const whole = await compare(
      'catch-up',
      () => measureCatchUp(soundHome.home),
      () => measureCatchUp(badHome.home),
    )
    return [...inMemory, ...whole]
  } finally {
    soundHome.remove()
    badHome.remove()
  }
}
