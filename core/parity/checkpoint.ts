import { Fault } from '../base/fault.ts'
import { type BatchPlan, listRanges, type Offsets, type SparkBatch } from './batch.ts'

/**
 * The files of a Spark checkpoint that say what each batch read. Their format is that of OffsetSeqLog, CommitLog and the
 * Kafka source: a line with the version, then JSON, one line a source.
 */
export interface CheckpointFiles {
  /** `offsets/<n>`, by number. */
  readonly offsets: ReadonlyMap<number, string>
  /** The numbers in `commits/`. */
  readonly commits: readonly number[]
  /** `sources/0/0`: where the query began; null where it is not there. */
  readonly initial: string | null
}

const allowMultipleKey = 'spark.sql.streaming.statefulOperator.allowMultiple'

const refuse = (file: string, what: string, hint: string): Fault =>
  new Fault('input', `${file}: ${what}`, { domain: 'user', hint })

const damaged = (file: string, what: string): Fault =>
  refuse(file, what, 'the file is damaged, or no checkpoint of a streaming query; copy the directory again')

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(file: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isRecord(parsed)) return parsed
  } catch (error) {
    throw new Fault('input', `${file}: a line is no JSON`, {
      domain: 'user',
      cause: error,
      hint: 'the file is damaged; copy the directory again',
    })
  }
  throw damaged(file, 'a line is no JSON object')
}

/** The lines behind the version. */
function splitVersioned(file: string, text: string): readonly string[] {
  const [version = '', ...lines] = text.trimEnd().split('\n')
  if (version === 'v1') return lines
  if (/^v\d+$/.test(version)) {
    throw refuse(file, `has format ${version}, and only v1 is known`, 'compare with a checkpoint of Spark 3.0 to 4.2')
  }
  throw damaged(file, text.trim() === '' ? 'is empty' : 'does not begin with its version')
}

export interface TopicOffsets {
  readonly topic: string
  readonly offsets: Offsets
}

const isOffset = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/** Offsets as the Kafka source writes them: `{"topic":{"0":418,"1":417}}`. */
function readKafkaOffsets(file: string, text: string): TopicOffsets {
  const topics = Object.entries(parseObject(file, text))
  const [first] = topics
  if (!first || topics.length > 1) {
    const names = topics.map(([name]) => name).join(', ')
    const what = first ? `the query reads the topics ${names}` : 'names no topic'
    throw refuse(file, what, 'parity compares queries of one topic of Kafka')
  }
  const [topic, byPartition] = first
  if (!isRecord(byPartition)) {
    throw refuse(file, 'holds no offsets of Kafka', 'parity compares queries whose source is one topic of Kafka')
  }
  const offsets = new Map<number, number>()
  for (const [partition, offset] of Object.entries(byPartition)) {
    if (!/^\d+$/.test(partition) || !isOffset(offset)) throw damaged(file, `partition ${partition} has no offset`)
    offsets.set(Number(partition), offset)
  }
  return { topic, offsets }
}

interface OffsetFile {
  readonly watermarkMs: number
  readonly allowsMultiple: boolean | null
  /** Null where no source had anything yet. */
  readonly read: TopicOffsets | null
}

function readOffsetFile(file: string, text: string): OffsetFile {
  const [metadata, ...sources] = splitVersioned(file, text)
  if (metadata === undefined || sources.length === 0) throw damaged(file, 'ends too early')
  if (sources.length > 1) {
    throw refuse(file, `the query reads ${sources.length} sources`, 'parity compares queries of one topic of Kafka')
  }
  const { batchWatermarkMs, conf } = parseObject(file, metadata)
  if (!isOffset(batchWatermarkMs)) throw damaged(file, 'has no batchWatermarkMs')
  const allows = isRecord(conf) ? conf[allowMultipleKey] : undefined
  const [source = '-'] = sources
  return {
    watermarkMs: batchWatermarkMs,
    allowsMultiple: typeof allows === 'string' ? allows !== 'false' : null,
    read: source === '-' ? null : readKafkaOffsets(file, source),
  }
}

/** A zero byte comes before the version, for the sake of Spark 2.1. */
function readInitial(text: string): TopicOffsets {
  const [offsets] = splitVersioned('sources/0/0', text.replace(/^\0/, ''))
  if (offsets === undefined) throw damaged('sources/0/0', 'ends too early')
  return readKafkaOffsets('sources/0/0', offsets)
}

/** How far a query has read: what its newest committed batch ended with. */
export interface CommittedOffsets {
  /** Null before the first. */
  readonly batch: number | null
  /** Null where it has read nothing yet. */
  readonly read: TopicOffsets | null
}

/** How far one file says. @throws Fault `input` */
export function readCommitted(batch: number | null, text: string | null): CommittedOffsets {
  if (text === null) return { batch, read: null }
  return { batch, read: batch === null ? readInitial(text) : readOffsetFile(`offsets/${batch}`, text).read }
}

/** The numbers from the first to the last, without a gap. */
function listNumbers(offsets: ReadonlyMap<number, string>): readonly number[] {
  const numbers = [...offsets.keys()].sort((one, other) => one - other)
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1] ?? number - 1
    if (number === before + 1) continue
    throw refuse(
      'offsets',
      `batches ${before + 1} to ${number - 1} are missing between ${before} and ${number}`,
      'copy the directory again; with asynchronous progress tracking Spark does not write every batch down',
    )
  }
  return numbers
}

function isLastOpen(last: number, commits: readonly number[]): boolean {
  const committed = commits.reduce((most, number) => Math.max(most, number), -1)
  if (committed > last) throw damaged('commits', `batch ${committed} is committed, and offsets end at batch ${last}`)
  if (committed < last - 1) throw damaged('commits', `ends at batch ${committed}, and offsets at batch ${last}`)
  return committed < last
}

/** What the files of a checkpoint say. @throws Fault `input` naming the file and what is wrong with it */
export function readCheckpoint(files: CheckpointFiles): BatchPlan {
  const numbers = listNumbers(files.offsets)
  const first = numbers[0]
  const last = numbers.at(-1)
  if (first === undefined || last === undefined) {
    throw refuse('offsets', 'there is no batch', 'name the checkpoint directory of a query that has run')
  }
  const initial = files.initial === null ? null : readInitial(files.initial)
  const batches: SparkBatch[] = []
  let topic = initial?.topic ?? null
  let allowsMultiple: boolean | null = null
  let before: Offsets = initial?.offsets ?? new Map()
  for (const number of numbers) {
    const file = `offsets/${number}`
    const found = readOffsetFile(file, files.offsets.get(number) ?? '')
    const { read, watermarkMs } = found
    if (read && topic !== null && read.topic !== topic) {
      throw refuse(file, `the topic is ${read.topic}, before it was ${topic}`, 'parity compares queries of one topic')
    }
    topic ??= read?.topic ?? null
    allowsMultiple = found.allowsMultiple ?? allowsMultiple
    const until = read?.offsets ?? before
    refuseBackwards(file, before, until)
    batches.push({ number, watermarkMs, ranges: listRanges(before, until) })
    before = new Map([...before, ...until])
  }
  return {
    topic,
    batches,
    isCut: first > 0,
    hasStart: initial !== null,
    isLastOpen: isLastOpen(last, files.commits),
    allowsMultiple,
  }
}

function refuseBackwards(file: string, from: Offsets, until: Offsets): void {
  for (const [partition, offset] of until) {
    const before = from.get(partition) ?? 0
    if (offset >= before) continue
    throw refuse(
      file,
      `partition ${partition} goes back from offset ${before} to ${offset}`,
      'the topic was made anew while the query ran; only the batches since then could be compared',
    )
  }
}
