import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import { type Figure, makeHome, readBoards, run } from './measure.ts'

const records = 1_000_000
const from = Date.UTC(2025, 0, 6)

/** How fast the same records go through JSON.parse alone: the peer of the run. */
function measureParse(): { readonly made: number; readonly parsed: number } {
  const options = { seed: 1, rate: 1_000, rates: {}, stores: 10, shape: 'flat', disorder: noDisorder } as const
  const count = 200_000
  const startedMs = performance.now()
  const made = createGenerator(options, from).advance(from + 10_000_000, count)
  const madeMs = performance.now() - startedMs
  const texts = made.map(({ value }) => Buffer.from(value ?? []))
  const parseStartedMs = performance.now()
  for (const text of texts) JSON.parse(text.toString())
  return { made: (count / madeMs) * 1_000, parsed: (count / (performance.now() - parseStartedMs)) * 1_000 }
}

/** P2: generator in virtual time; log → decode → engine → warehouse, as one catch-up. */
export async function benchReplay(): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  try {
    const { made, parsed } = measureParse()
    const generated = await run(home, ['generate', '--count', String(records), '--rate', '1000', '--to', 'log'])
    const caughtUp = await run(home, ['run', '--until-caught-up', '--json'])
    const last = readBoards(caughtUp).at(-1)
    const perSecond = (records / caughtUp.elapsedMs) * 1_000
    const figure = (what: string, value: number, unit: string): Figure => ({ bench: 'replay', what, value, unit })
    return [
      figure('JSON.parse alone, the same records', parsed, 'records/s'),
      figure('generator alone, virtual time', made, 'records/s'),
      figure('generate to log, whole command', (records / generated.elapsedMs) * 1_000, 'records/s'),
      figure('catch-up, whole command', perSecond, 'records/s'),
      figure('catch-up ÷ JSON.parse', perSecond / parsed, 'ratio'),
      figure('counted', last?.records.counted ?? 0, 'records'),
      figure('memory at the end', (last?.process.rssBytes ?? 0) / 1_048_576, 'MiB'),
    ]
  } finally {
    remove()
  }
}
