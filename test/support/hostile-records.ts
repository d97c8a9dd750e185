import { hostileTexts } from './hostile-texts.ts'

/** An envelope of a sale; `changes` may take a field away by undefined. */
const saleLine = (key: string, eventTimeMs: number, changes: object): string =>
  JSON.stringify({
    topic: 'retail-transactions',
    key,
    value: {
      transaction_id: 'T',
      store_id: 1,
      customer_id: 'C',
      event_time: new Date(eventTimeMs).toISOString(),
      final_amount: 12.5,
      ...changes,
    },
  })

const rawLine = (text: string): string => JSON.stringify({ topic: 'retail-transactions', key: null, text })

/** Levels of a record that is quarantined whole: within 64 KiB. */
const levels = 30_000

/**
 * Lines to import: a sound sale per hostile text, and the same again two hours too late, as ids of sale and customer; a
 * rejected record per hostile text, as value, name of a field, key and raw bytes; records that nest or run on.
 */
export function makeHostileLines(nowMs: number): readonly string[] {
  const lateMs = nowMs - 7_200_000
  return [
    saleLine('1', nowMs - 1_000, {}),
    ...hostileTexts.flatMap(({ text }, index) => [
      saleLine(text, nowMs - 1_000, { transaction_id: text, customer_id: text }),
      saleLine(text, lateMs, { transaction_id: text, customer_id: text }),
      saleLine(text, nowMs, { transaction_id: `R-${index}`, customer_id: text, [text]: text, final_amount: text }),
      rawLine(text),
    ]),
    rawLine(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`),
    rawLine(`{"final_amount":1e400,"a":"${'x'.repeat(60_000)}"}`),
    rawLine(`[${'0,'.repeat(30_000)}0]`),
    saleLine('1', lateMs, { transaction_id: 'y'.repeat(1_000_000) }),
    rawLine('z'.repeat(20_000_000)),
  ]
}
