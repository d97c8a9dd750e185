import { rejectionReasons } from '../../core/events/decoded.ts'
import { runMutatedPipeline } from '../support/mutated-pipeline.ts'
import { type MutationRound, runMutationRound } from '../support/mutation-round.ts'
import { type Figure, makeHome } from './measure.ts'

const messages = Number(process.env.BENCH_MESSAGES ?? 1_000_000)
const firstSeed = Number(process.env.BENCH_SEED ?? 1)
const roundMessages = 20_000
/** The share of the messages that goes through the real command as well. */
const pipelineShare = 0.1
const shownDifferences = 20

/** Differences and crashes are told on standard error with their seed: `runMutationRound` makes the same again. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}

interface Totals {
  messages: number
  scanned: number
  crashes: number
  differences: number
  invalid: number
  readonly reasons: Set<string>
}

function add(totals: Totals, seed: number, round: MutationRound): void {
  totals.messages += round.messages
  totals.scanned += round.scanned
  totals.differences += round.differences.length
  for (const [reason, count] of round.truth.invalidByReason) {
    totals.reasons.add(reason)
    totals.invalid += count
  }
  for (const difference of round.differences.slice(0, shownDifferences)) tell(`seed ${seed}: ${difference}`)
}

/**
 * R4: mutated records through decoding and the engine, each outcome and each table held against the oracle's, and a
 * tenth as many through the real command. BENCH_MESSAGES sets how many (default 1,000,000), BENCH_SEED the first seed.
 */
export async function benchMutate(): Promise<readonly Figure[]> {
  const totals: Totals = { messages: 0, scanned: 0, crashes: 0, differences: 0, invalid: 0, reasons: new Set() }
  const startedMs = performance.now()
  const rounds = Math.max(1, Math.round(messages / roundMessages))
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    try {
      add(totals, seed, runMutationRound(seed, roundMessages))
    } catch (error) {
      totals.crashes += 1
      tell(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }
  const elapsedMs = performance.now() - startedMs
  const figure = (what: string, value: number, unit: string): Figure => ({ bench: 'mutate', what, value, unit })
  const { home, remove } = makeHome()
  try {
    const run = await runMutatedPipeline(home, firstSeed, Math.round(messages * pipelineShare))
    for (const difference of run.differences) tell(difference)
    return [
      figure('mutated messages, decoded and applied', totals.messages, 'messages'),
      figure('crashes', totals.crashes, 'crashes'),
      figure('differences from the oracle or the parser', totals.differences, 'differences'),
      figure('rejected', totals.invalid, 'messages'),
      figure('rejection reasons reached', totals.reasons.size, `of ${rejectionReasons.length}`),
      figure('read by the byte scan', totals.scanned, 'messages'),
      figure('mutated, decoded three times, compared', (totals.messages / elapsedMs) * 1_000, 'messages/s'),
      figure('through log, pipeline and warehouse', run.board.records.received, 'messages'),
      figure('in quarantine, hashes and bytes as sent', run.quarantined, 'records'),
      figure('differences from the oracle there', run.differences.length, 'differences'),
    ]
  } finally {
    remove()
  }
}
