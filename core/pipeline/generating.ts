import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { createLocalGenerator } from '../generator/port.ts'
import type { GeneratedRecord, GeneratorOptions } from '../generator/generator.ts'
import { encodeNdjson } from '../generator/ndjson.ts'
import { type EventTopic, eventTopics } from '../events/topics.ts'

/** What `storepulse generate` is asked for. */
export interface GenerateRequest {
  readonly options: GeneratorOptions
  /** Topics wanted; empty = all. */
  readonly topics: readonly EventTopic[]
  readonly fromMs: number
  /** First instant not generated, or null. */
  readonly untilMs: number | null
  /** Most records, or null. */
  readonly count: number | null
  /** Pace virtual time by the wall clock. */
  readonly isPaced: boolean
}

const chunkRecords = 5_000
const chunkMs = 60_000
const paceMs = 50

/**
 * The records asked for, in chunks: as fast as they are taken, or paced by the clock.
 *
 * @throws Fault `usage` when neither a count nor an end is given and nothing paces it, or when the rate is 0
 */
export async function* generate(
  request: GenerateRequest,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<readonly GeneratedRecord[], void, void> {
  const { count, fromMs, isPaced, untilMs } = request
  if (count === null && untilMs === null && !isPaced) {
    throw new Fault('usage', 'generate needs --count, --duration, --until or --realtime to know where to end', {
      domain: 'user',
    })
  }
  const rates = request.topics.length === 0 ? [1] : request.topics.map((topic) => rateOf(request.options, topic))
  if (request.options.rate === 0 || rates.every((rate) => rate === 0)) {
    throw new Fault('usage', 'a rate of 0 makes no events', { domain: 'user' })
  }
  const generator = createLocalGenerator(request.options, fromMs)
  const startedMs = clock.monotonicMs()
  const wanted = new Set<string>(request.topics.length === 0 ? eventTopics : request.topics)
  const isEverything = wanted.size === eventTopics.length
  let left = count ?? Number.POSITIVE_INFINITY
  let horizonMs = fromMs
  try {
    while (left > 0 && !signal.aborted) {
      const pacedMs = fromMs + clock.monotonicMs() - startedMs
      horizonMs = Math.min(isPaced ? pacedMs : horizonMs + chunkMs, untilMs ?? Number.POSITIVE_INFINITY)
      while (left > 0 && !signal.aborted) {
        const made = await generator.advance(horizonMs, chunkRecords)
        const chunk = (isEverything ? made : made.filter(({ topic }) => wanted.has(topic))).slice(0, left)
        left -= chunk.length
        if (chunk.length > 0) yield chunk
        if (made.length < chunkRecords) break
      }
      if (untilMs !== null && horizonMs >= untilMs) return
      if (isPaced) await clock.sleep(paceMs, signal)
    }
  } finally {
    await generator.close()
  }
}

const rateOf = (options: GeneratorOptions, topic: EventTopic): number => options.rates[topic] ?? options.rate / 3

/** Records as NDJSON: bare values when one topic was asked for, else envelopes. */
export const formatLines = (records: readonly GeneratedRecord[], topics: readonly EventTopic[]): Buffer =>
  encodeNdjson(records, topics.length === 1 ? 'bare' : 'envelope')
