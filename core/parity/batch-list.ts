import { Fault } from '../base/fault.ts'
import { type BatchPlan, listRanges, type Offsets, type SparkBatch } from './batch.ts'

/**
 * An explicit list of batches: JSON lines, one a batch, in order.
 *
 *     {"batch": 0, "from": {"0": 0, "1": 0}, "until": {"0": 418, "1": 417}, "watermarkMs": 0}
 *     {"batch": 1, "until": {"0": 900, "1": 850}, "watermarkMs": 1736122881000}
 *
 * `until` has the first offset of each partition that is not of the batch any more. `from` is where it begins: left out,
 * where the batch before ended, and 0 in front of the first. `watermarkMs` is the batch's watermark, which is then checked
 * and worked with; left out, it follows from the records. `batch` is its number, by default one more than the line before
 * has, from 0 on. Blank lines are passed over.
 */
export function readBatchList(text: string): BatchPlan {
  const batches: SparkBatch[] = []
  let before: Offsets = new Map()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const entry = readLine(index + 1, line, (batches.at(-1)?.number ?? -1) + 1)
    const from: Offsets = new Map([...before, ...entry.from])
    refuseUnordered(index + 1, before, from, entry.until)
    batches.push({ number: entry.number, watermarkMs: entry.watermarkMs, ranges: listRanges(from, entry.until) })
    before = new Map([...from, ...entry.until])
  }
  if (batches.length === 0) {
    throw new Fault('input', 'the list of batches is empty', {
      domain: 'user',
      hint: 'write one JSON object a line, such as {"until":{"0":418,"1":417}}',
    })
  }
  return { topic: null, batches, isCut: false, hasStart: true, isLastOpen: false, allowsMultiple: null }
}

interface Entry {
  readonly number: number
  readonly from: Offsets
  readonly until: Offsets
  readonly watermarkMs: number | null
}

const refuse = (line: number, what: string): Fault =>
  new Fault('input', `line ${line}: ${what}`, {
    domain: 'user',
    hint: 'a batch is an object such as {"batch":0,"until":{"0":418,"1":417},"watermarkMs":0}',
  })

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const names = ['batch', 'from', 'until', 'watermarkMs']

function readLine(line: number, text: string, nextNumber: number): Entry {
  const entry = parse(line, text)
  const unknown = Object.keys(entry).find((name) => !names.includes(name))
  if (unknown !== undefined) throw refuse(line, `there is no "${unknown}" in a batch`)
  const { batch = nextNumber, from = {}, until, watermarkMs = null } = entry
  if (!isCount(batch)) throw refuse(line, '"batch" must be a whole number from 0 on')
  if (batch !== nextNumber && nextNumber !== 0) throw refuse(line, `batch ${batch} comes where ${nextNumber} is next`)
  if (watermarkMs !== null && !isCount(watermarkMs)) throw refuse(line, '"watermarkMs" must be epoch milliseconds')
  return {
    number: batch,
    from: readOffsets(line, 'from', from),
    until: readOffsets(line, 'until', until),
    watermarkMs,
  }
}

function parse(line: number, text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isRecord(parsed)) return parsed
  } catch {
    throw refuse(line, 'this is no JSON')
  }
  throw refuse(line, 'this is no JSON object')
}

function readOffsets(line: number, name: string, value: unknown): Offsets {
  if (!isRecord(value)) throw refuse(line, `"${name}" must be an object of offsets by partition`)
  return new Map(
    Object.entries(value).map(([partition, offset]) => {
      if (!/^\d+$/.test(partition)) throw refuse(line, `"${name}" has no partition of the number "${partition}"`)
      if (!isCount(offset)) throw refuse(line, `"${name}" must have an offset from 0 on for partition ${partition}`)
      return [Number(partition), offset] as const
    }),
  )
}

function refuseUnordered(line: number, before: Offsets, from: Offsets, until: Offsets): void {
  for (const [partition, offset] of from) {
    if (offset < (before.get(partition) ?? 0)) {
      throw refuse(
        line,
        `partition ${partition} begins at ${offset}, and the batch before ended at ${before.get(partition)}`,
      )
    }
  }
  for (const [partition, offset] of until) {
    const start = from.get(partition) ?? 0
    if (offset < start) throw refuse(line, `partition ${partition} ends at ${offset}, before it begins at ${start}`)
  }
}
