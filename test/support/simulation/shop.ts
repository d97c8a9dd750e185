import type { Random } from '../../../core/base/random.ts'
import type { AppendRecord } from '../../../core/events/record.ts'
import { type EventTopic, salesTopic } from '../../../core/events/topics.ts'
import { poison } from '../poison.ts'
import type { Scenario } from './scenario.ts'

/** Makes records: mostly good ones, and every kind of odd one among them. */
export interface Shop {
  /** The next records, with the times that a producer would write on them. */
  make(count: number, nowMs: number): readonly MadeRecord[]
  /** Ids that were used lately, once more with the same content, at the end of everything. */
  repeat(): readonly MadeRecord[]
}

export interface MadeRecord {
  readonly record: AppendRecord
  /** How far the producer's clock is from the world's. */
  readonly producerSkewMs: number
}

interface Sale {
  readonly topic: EventTopic
  readonly fields: Readonly<Record<string, unknown>>
}

/** Odd in itself; what is large or nested under a repeated key takes the oracle's time or has no one answer. */
const oddities = poison.filter(
  ({ bytes, name }) => (bytes?.length ?? 0) < 2_000 && !name.includes('under a key that is repeated'),
)

const amounts = [
  12,
  0,
  3.5,
  19.99,
  0.1,
  0.2,
  1.005,
  2.675,
  1.115,
  0.285,
  8.475,
  0.001,
  4.35,
  1e-7,
  '7.5',
  '12.345',
  '1e2',
  99_999_999.99,
] as const

export function createShop(random: Random, scenario: Scenario): Shop {
  const { futureMs, latenessMs, stores, windowSizeMs } = scenario
  const lately: Sale[] = []
  let made = 0
  const oneOf = <Item>(items: readonly Item[]): Item | undefined => items[random.nextInt(items.length)]

  /** Many fall on a border: of a window, of lateness, of the future. */
  const drawTime = (nowMs: number): number => {
    const draw = random.next()
    const quarter = Math.max(1, Math.floor(windowSizeMs / 4))
    if (draw < 0.02) return nowMs + futureMs + random.nextInt(3) - 1
    if (draw < 0.05) return nowMs + random.nextInt(futureMs)
    if (draw < 0.17) return nowMs - latenessMs - random.nextInt(3 * windowSizeMs)
    if (draw < 0.3) return Math.floor((nowMs - latenessMs) / windowSizeMs) * windowSizeMs - random.nextInt(2)
    const agoMs = Math.floor(random.nextExponential() * windowSizeMs * 0.6)
    return Math.floor((nowMs - agoMs) / quarter) * quarter
  }
  const writeTime = (timeMs: number): string | number => {
    const iso = new Date(timeMs).toISOString()
    const draw = random.next()
    if (draw < 0.1) return timeMs
    if (draw < 0.14) return iso.slice(0, -1)
    if (draw < 0.18) return `${new Date(timeMs + 7_200_000).toISOString().slice(0, -1)}+02:00`
    return iso
  }

  const makeSale = (nowMs: number): Sale => {
    const isRefund = random.chance(0.1)
    const amount = oneOf(amounts) ?? 1
    return {
      topic: salesTopic,
      fields: {
        transaction_id: `T${made}`,
        store_id: 1 + random.nextInt(stores),
        customer_id: `C${random.nextInt(30)}`,
        event_time: writeTime(drawTime(nowMs)),
        final_amount: isRefund ? -Number(amount) : amount,
        ...(isRefund ? { kind: 'refund' } : {}),
      },
    }
  }
  const makeOther = (nowMs: number): Sale =>
    random.chance(0.5)
      ? {
          topic: 'customer-events',
          fields: {
            event_id: `E${made}`,
            customer_id: `C${random.nextInt(30)}`,
            event_time: writeTime(drawTime(nowMs)),
            event_type: 'view',
          },
        }
      : {
          topic: 'inventory-updates',
          fields: {
            update_id: `U${made}`,
            product_id: `P${random.nextInt(9)}`,
            event_time: writeTime(drawTime(nowMs)),
            warehouse: 'W',
            quantity: random.nextInt(100),
          },
        }

  const write = ({ fields, topic }: Sale): AppendRecord => ({
    topic,
    key: Buffer.from(String(fields['store_id'] ?? fields['customer_id'] ?? fields['product_id'])),
    value: Buffer.from(JSON.stringify(fields)),
  })
  /** The same id again: the same bytes, another amount, or another time. */
  const repeat = (nowMs: number): Sale | null => {
    const first = oneOf(lately)
    if (!first) return null
    const draw = random.next()
    if (draw < 0.6) return first
    if (draw < 0.8) return { ...first, fields: { ...first.fields, note: 'changed' } }
    return { ...first, fields: { ...first.fields, event_time: writeTime(drawTime(nowMs)) } }
  }
  const makeOne = (nowMs: number): AppendRecord => {
    made += 1
    const draw = random.next()
    if (draw < 0.03)
      return { topic: random.chance(0.7) ? salesTopic : 'customer-events', key: Buffer.from('1'), value: null }
    if (draw < 0.08) {
      const odd = oneOf(oddities)
      if (odd) return { topic: odd.topic, key: Buffer.from('1'), value: odd.bytes }
    }
    const again = draw < 0.18 ? repeat(nowMs) : null
    const event = again ?? (draw < 0.35 ? makeOther(nowMs) : makeSale(nowMs))
    lately.push(event)
    if (lately.length > 60) lately.shift()
    return write(event)
  }
  const drawSkew = (): number => {
    const draw = random.next()
    return draw < 0.1 ? random.nextInt(2 * futureMs + 2_000) : draw < 0.25 ? -random.nextInt(5_000) : 0
  }

  return {
    make: (count, nowMs) =>
      Array.from({ length: count }, () => ({ record: makeOne(nowMs), producerSkewMs: drawSkew() })),
    repeat: () => lately.map((event) => ({ record: write(event), producerSkewMs: 0 })),
  }
}
