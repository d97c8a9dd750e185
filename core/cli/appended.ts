import type { AppendRecord } from '../host/public.ts'
import { formatCount } from './terminal/number-text.ts'

/** Counts what a command appends, for the audit trail. */
export interface Appended {
  note(records: readonly AppendRecord[]): void
  readonly total: number
  /** `12 records` */
  describeTotal(): string
  /** `retail-transactions 10, customer-events 2` */
  describeTopics(): string
}

export function countAppended(): Appended {
  const perTopic = new Map<string, number>()
  const sum = (): number => [...perTopic.values()].reduce((total, count) => total + count, 0)
  return {
    note(records) {
      for (const { topic } of records) perTopic.set(topic, (perTopic.get(topic) ?? 0) + 1)
    },
    get total() {
      return sum()
    },
    describeTotal: () => `${formatCount(sum())} ${sum() === 1 ? 'record' : 'records'}`,
    describeTopics: () => [...perTopic].map(([topic, count]) => `${topic} ${formatCount(count)}`).join(', '),
  }
}
