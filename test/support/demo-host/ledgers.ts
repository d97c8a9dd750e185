import { createHash } from 'node:crypto'
import type { LateItem, QuarantineItem, ReadmitAnswer } from '../../../core/protocol/commands.ts'

const samples: readonly (readonly [reason: string, path: string, bytes: string])[] = [
  [
    'missing_field',
    '/customer_id',
    '{"transaction_id":"t-88120","store_id":3,"event_time":"2026-11-22T14:02:11Z","final_amount":41.2,"payment_method":"card","products":[{"product_id":"p-118","name":"Oat drink","category":"Dairy","quantity":2,"unit_price":2.1},{"product_id":"p-7","name":"Rye bread","category":"Bakery","quantity":1,"unit_price":3.4}]}',
  ],
  [
    'bad_amount',
    '/products/0/unit_price',
    '{"transaction_id":"t-88121","store_id":5,"customer_id":"c-1","event_time":"2026-11-22T14:02:12Z","final_amount":12,"products":[{"product_id":"p-4","quantity":1,"unit_price":-3}]}',
  ],
  ['not_json', '', '{"transaction_id":"t-88122","store_id":'],
  ['not_utf8', '', '\u0000\u0001caf\u00e9\ufffd'],
  [
    'wrong_type',
    '/store_id',
    '{"transaction_id":"t-88123","store_id":"north","customer_id":"c-9","event_time":"2026-11-22T14:02:15Z","final_amount":7.5}',
  ],
  [
    'future_time',
    '/event_time',
    '{"transaction_id":"t-88124","store_id":2,"customer_id":"c-3","event_time":"2031-01-01T00:00:00Z","final_amount":19.9}',
  ],
]

/** The ledgers of a demo: what can be listed, shown, re-admitted and purged. */
export interface Ledgers {
  late(limit: number, offset: number): readonly LateItem[]
  quarantine(limit: number, offset: number): readonly QuarantineItem[]
  show(ref: string): (QuarantineItem & { readonly base64: string }) | null
  readmit(refs: readonly string[], nowMs: number): ReadmitAnswer
  purge(refs: readonly string[] | null): number
}

export function createLedgers(nowMs: number, isEmpty: boolean): Ledgers {
  const readmitted = new Map<string, string>()
  const isoBefore = (ms: number): string => new Date(nowMs - ms).toISOString()
  let quarantine = Array.from({ length: isEmpty ? 0 : 87 }, (_, index) => {
    const [reason, path, text] = samples[index % samples.length] ?? samples[0] ?? ['not_json', '', '']
    const bytes = Buffer.from(text, reason === 'not_utf8' ? 'latin1' : 'utf8')
    const ref = `retail-transactions/${index % 4}/${48_200 - index * 7}`
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { ref, reason, path, bytes, sizeBytes: bytes.length, sha256, seenAt: isoBefore(index * 41_000) }
  })
  const late = Array.from({ length: isEmpty ? 0 : 23 }, (_, index) => ({
    ref: `retail-transactions/${index % 4}/${47_900 - index * 13}`,
    storeId: (index % 10) + 1,
    transactionId: `t-${81_000 + index}`,
    eventTime: isoBefore(index * 173_000 + 760_000),
    amount: (12.4 + index * 3.17).toFixed(2),
    latenessMs: 61_000 + index * 9_400,
  }))
  const stamp = (ref: string): string | null => readmitted.get(ref) ?? null
  const describe = ({ bytes: _bytes, ...item }: (typeof quarantine)[number]): QuarantineItem => ({
    ...item,
    readmittedAt: stamp(item.ref),
  })
  return {
    late: (limit, offset) =>
      late.slice(offset, offset + limit).map((item) => ({ ...item, readmittedAt: stamp(item.ref) })),
    quarantine: (limit, offset) => quarantine.slice(offset, offset + limit).map(describe),
    show(ref) {
      const found = quarantine.find((item) => item.ref === ref)
      return found ? { ...describe(found), base64: found.bytes.toString('base64') } : null
    },
    readmit: (refs, atMs) => ({
      results: refs.map((ref) => {
        if (readmitted.has(ref)) return { ref, outcome: 'already', reason: null }
        if (quarantine.find((item) => item.ref === ref)?.reason === 'not_json') {
          return { ref, outcome: 'refused', reason: 'it is no JSON still' }
        }
        readmitted.set(ref, new Date(atMs).toISOString())
        return { ref, outcome: 'readmitted', reason: null }
      }),
    }),
    purge(refs) {
      const before = quarantine.length
      quarantine = refs === null ? [] : quarantine.filter(({ ref }) => !refs.includes(ref))
      return before - quarantine.length
    },
  }
}
