import { createHash } from 'node:crypto'
import type { RejectionReason } from '../../../core/events/decoded.ts'
import type {
  ConflictItem,
  LateItem,
  LedgerSumsAnswer,
  QuarantineItem,
  QuarantineStoreItem,
  ReadmitAnswer,
  RecordItem,
} from '../../../core/protocol/commands.ts'
import { describeRejection } from '../../../core/pipeline/describe-rejection.ts'

const samples: readonly (readonly [reason: RejectionReason, path: string, bytes: string])[] = [
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
    'bad_time',
    '/event_time',
    '{"transaction_id":"t-88125","store_id":4,"customer_id":"c-12","event_time":1795356134,"final_amount":8.75}',
  ],
  [
    'future_time',
    '/event_time',
    '{"transaction_id":"t-88124","store_id":2,"customer_id":"c-3","event_time":"2031-01-01T00:00:00Z","final_amount":19.9}',
  ],
]

const readStore = (text: string): number | null => Number(/"store_id":(\d+)/.exec(text)?.[1] ?? 0) || null

/** Every store has as many late sales, most of which have left the ledger. */
const lateOfStore = 7

/** The ledgers of a demo: what can be listed, shown, re-admitted and purged. */
export interface Ledgers {
  late(limit: number, offset: number): readonly LateItem[]
  quarantine(limit: number, offset: number): readonly QuarantineItem[]
  show(ref: string): RecordItem | null
  conflicts(limit: number, offset: number): readonly ConflictItem[]
  sums(): LedgerSumsAnswer
  quarantineStores(): readonly QuarantineStoreItem[]
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
  const conflicts = Array.from({ length: isEmpty ? 0 : 7 }, (_, index) => ({
    ref: `retail-transactions/${index % 4}/${48_103 - index * 31}`,
    id: `t-${80_410 + index * 17}`,
    epoch: 9_120 - index * 83,
  }))
  const showConflict = (ref: string): RecordItem | null => {
    const id = conflicts.find((item) => item.ref === ref)?.id
    if (id === undefined) return null
    const sale = {
      transaction_id: id,
      store_id: 3,
      customer_id: 'c-44',
      event_time: isoBefore(90_000),
      final_amount: 12,
    }
    const bytes = Buffer.from(JSON.stringify(sale))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const place = { ref, reason: null, path: '', hint: null, from: 'log', readmittedAt: null } as const
    return { ...place, sizeBytes: bytes.length, sha256, seenAt: isoBefore(88_000), base64: bytes.toString('base64') }
  }
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
      if (!found) return showConflict(ref)
      const hint = describeRejection(found, found.bytes, Date.parse(found.seenAt))
      return { ...describe(found), hint, from: 'quarantine', base64: found.bytes.toString('base64') }
    },
    conflicts: (limit, offset) => conflicts.slice(offset, offset + limit),
    quarantineStores: () =>
      [2, 3, 4, 5, null].flatMap((storeId) => {
        const own = quarantine.filter(({ bytes }) => readStore(bytes.toString('latin1')) === storeId)
        if (own.length === 0) return []
        const withoutAmount = storeId === null ? own.length : 0
        const amount = ((own.length - withoutAmount) * (storeId === null ? 0 : 12.05)).toFixed(2)
        return [{ storeId, records: own.length, amount, withoutAmount }]
      }),
    sums: () => ({
      late: Array.from({ length: isEmpty ? 0 : 10 }, (_, index) => {
        const back = late.filter(({ ref, storeId }) => storeId === index + 1 && stamp(ref) !== null)
        const money = (records: number): string => (records * (18.4 + index)).toFixed(2)
        return {
          storeId: index + 1,
          records: lateOfStore - back.length,
          amount: money(lateOfStore - back.length),
          readmitted: back.length,
          readmittedAmount: money(back.length),
        }
      }),
      rows: {
        late: { kept: late.length, evicted: isEmpty ? 0 : 47, purged: 0 },
        quarantine: { kept: quarantine.length, evicted: isEmpty ? 0 : 180, purged: isEmpty ? 0 : 12 },
        conflicts: { kept: conflicts.length, evicted: 0, purged: 0 },
      },
    }),
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
