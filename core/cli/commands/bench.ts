import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import {
  describeUser,
  generate,
  openAccess,
  type OpenInputs,
  openOwned,
  readGeneratorOptions,
  replayStation,
} from '../../host/public.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { createProgressLine, formatTable, writeJson, writeOut } from '../output.ts'
import { formatCount, formatDecimal, formatSize } from '../terminal/number-text.ts'

interface BenchOptions extends CommonOptions {
  readonly records: string
  readonly json?: boolean
}

/** Records a second of each step on the way of the same records; of `parsed`, `JSON.parse` alone, to compare with. */
interface Speeds {
  readonly generated: number
  readonly appended: number
  readonly parsed: number
  readonly counted: number
  readonly replayed: number
}

interface Measured {
  readonly records: number
  readonly perSecond: Speeds
  readonly windows: number
  /** Windows that the replay gave otherwise: none. */
  readonly differs: number
  readonly rssBytes: number
}

const firstInstantMs = Date.UTC(2025, 0, 6)
/** Beyond every instant a window can have. */
const latestMs = 8_640_000_000_000

/** Makes the records, appends them and parses them, and keeps the time of each apart. */
async function fillLog(records: number, inputs: OpenInputs, signal: AbortSignal) {
  const monotonicMs = (): number => inputs.clock.monotonicMs()
  const access = await openAccess(inputs)
  let appendedMs = 0
  let parsedMs = 0
  const startedMs = monotonicMs()
  try {
    const request = {
      options: { ...readGeneratorOptions(inputs.settings), rate: 1_000 },
      topics: [],
      fromMs: firstInstantMs,
      untilMs: null,
      count: records,
      isPaced: false,
    }
    for await (const chunk of generate(request, inputs.clock, signal)) {
      const appendStartedMs = monotonicMs()
      await access.append(chunk)
      const parseStartedMs = monotonicMs()
      for (const { value } of chunk) JSON.parse(Buffer.from(value ?? []).toString())
      appendedMs += parseStartedMs - appendStartedMs
      parsedMs += monotonicMs() - parseStartedMs
    }
    const syncStartedMs = monotonicMs()
    await access.sync()
    appendedMs += monotonicMs() - syncStartedMs
  } finally {
    await access.close()
  }
  return { appendedMs, parsedMs, generatedMs: monotonicMs() - startedMs - appendedMs - parsedMs }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Fault('cancelled', 'the measurement was cancelled', { domain: 'user' })
}

/** Returns the memory it took, in bytes. */
async function countRecords(inputs: OpenInputs, signal: AbortSignal): Promise<number> {
  const owned = await openOwned(inputs)
  try {
    await owned.station.start({ closesIdle: false })
    await Promise.race([owned.station.waitUntilCaughtUp(), owned.station.finished, untilAborted(signal)])
    throwIfAborted(signal)
    return (await owned.station.board()).process.rssBytes
  } finally {
    await owned.close(0)
  }
}

async function recount(inputs: OpenInputs, show: (text: string) => void, signal: AbortSignal) {
  const owned = await openOwned(inputs)
  try {
    return await replayStation(owned.station, inputs, {
      fromMs: 0,
      untilMs: latestMs,
      speed: 0,
      isApplied: false,
      who: describeUser(),
      onProgress: (share) => show(`replaying: ${Math.round(share * 100)} %`),
      signal,
    })
  } finally {
    await owned.close(0)
  }
}

async function measure(
  records: number,
  inputs: OpenInputs,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<Measured> {
  const monotonicMs = (): number => inputs.clock.monotonicMs()
  show('generating and appending')
  const filled = await fillLog(records, inputs, signal)
  throwIfAborted(signal)
  show('counting')
  const countStartedMs = monotonicMs()
  const rssBytes = await countRecords(inputs, signal)
  const replayStartedMs = monotonicMs()
  const { differs, windows } = await recount(inputs, show, signal)
  throwIfAborted(signal)
  const perSecond = (elapsedMs: number): number => Math.round((records / Math.max(elapsedMs, 1)) * 1_000)
  return {
    records,
    perSecond: {
      generated: perSecond(filled.generatedMs),
      appended: perSecond(filled.appendedMs),
      parsed: perSecond(filled.parsedMs),
      counted: perSecond(replayStartedMs - countStartedMs),
      replayed: perSecond(monotonicMs() - replayStartedMs),
    },
    windows,
    differs,
    rssBytes,
  }
}

function describe({ differs, perSecond, records, rssBytes, windows }: Measured): string {
  const ofParse = (speed: number): string => formatDecimal(speed / Math.max(perSecond.parsed, 1), 2)
  const row = (step: string, speed: number): readonly string[] => [step, formatCount(speed), ofParse(speed)]
  const table = formatTable(
    ['step', 'records/s', '÷ JSON.parse'],
    [
      row('generate, in virtual time', perSecond.generated),
      row('append to the log, synced', perSecond.appended),
      row('JSON.parse alone, to compare', perSecond.parsed),
      row('log → decode → engine → warehouse', perSecond.counted),
      row('replay into a scratch warehouse', perSecond.replayed),
    ],
    [1, 2],
  )
  const same = differs === 0 ? 'all the same again by replay' : `${formatCount(differs)} DIFFER by replay`
  return `${table}\n${formatCount(records)} records, ${formatCount(windows)} windows, ${same}; ${formatSize(rssBytes)} of memory\n`
}

/** `storepulse bench`: how fast this machine is, in a directory of its own that is gone afterwards. */
export function addBenchCommand(program: Command): void {
  withCommonOptions(
    program
      .command('bench')
      .description('measure how fast this machine counts, in a directory that is gone afterwards'),
  )
    .option('--records <n>', 'how many records to go through', '300000')
    .option('--json', 'print the figures as one JSON object')
    .action(async (options: BenchOptions) => {
      const records = readCount('--records', options.records)
      if (options.profile !== 'local') {
        throw new Fault('usage', 'bench measures this computer alone, whatever the profile', { domain: 'user' })
      }
      const directory = mkdtempSync(join(options.dataDir ?? tmpdir(), 'storepulse-bench-'))
      try {
        const inputs = readContext({ ...options, dataDir: directory }, 'bench')
        const abort = new AbortController()
        for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
        const progress = createProgressLine(() => inputs.clock.monotonicMs())
        const measuring = measure(records, inputs, (text) => progress.show(text), abort.signal)
        const measured = await measuring.finally(() => progress.end())
        if (options.json) await writeJson(measured)
        else await writeOut(describe(measured))
        if (measured.differs > 0) process.exitCode = 1
      } finally {
        rmSync(directory, { recursive: true, force: true })
      }
    })
}
