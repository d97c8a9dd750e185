import { readAmount } from '../events/amount.ts'
import { readStoreId } from '../events/checks.ts'
import { salesTopic } from '../events/topics.ts'
import type { QuarantineEntry, Warehouse } from '../warehouse/warehouse.ts'

/** Rejected sales of a store, as far as they name one. */
export interface QuarantineStoreSums {
  /** Null for records from which no store can be read. */
  readonly storeId: number | null
  readonly records: number
  /** Sum of the amounts that can be read, in cents: what they would be worth if they were right. */
  readonly cents: bigint
  /** Records without such an amount. */
  readonly withoutAmount: number
}

const pageRows = 1_000

interface Claim {
  readonly storeId: number | null
  readonly cents: number | null
}

const nothing: Claim = { storeId: null, cents: null }

/** What a rejected record says of itself, where that much of it can be read. */
function readClaim(bytes: Uint8Array): Claim {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return nothing
    const fields = new Map(Object.entries(value))
    const amount = readAmount(fields.get('final_amount') ?? fields.get('amount'))
    return {
      storeId: readStoreId(fields.get('store_id')),
      cents: typeof amount === 'string' ? null : amount.cents,
    }
  } catch {
    // No JSON, or cut off after 64 KiB.
    return nothing
  }
}

/** The sales in quarantine that were not re-admitted, by the store they name: of the rows it still has. */
export async function sumQuarantine(
  warehouse: Pick<Warehouse, 'listQuarantine'>,
): Promise<readonly QuarantineStoreSums[]> {
  const sums = new Map<number | null, QuarantineStoreSums>()
  const add = ({ bytes }: QuarantineEntry): void => {
    const { cents, storeId } = readClaim(bytes)
    const before = sums.get(storeId) ?? { storeId, records: 0, cents: 0n, withoutAmount: 0 }
    sums.set(storeId, {
      storeId,
      records: before.records + 1,
      cents: before.cents + BigInt(cents ?? 0),
      withoutAmount: before.withoutAmount + (cents === null ? 1 : 0),
    })
  }
  for (let offset = 0; ; offset += pageRows) {
    const entries = await warehouse.listQuarantine({ limit: pageRows, offset })
    entries.filter(({ readmittedAtMs, ref }) => readmittedAtMs === null && ref.topic === salesTopic).forEach(add)
    if (entries.length < pageRows) break
  }
  // Those without a store come last.
  const rank = ({ storeId }: QuarantineStoreSums): number => storeId ?? Number.POSITIVE_INFINITY
  return [...sums.values()].sort((left, right) => (rank(left) < rank(right) ? -1 : 1))
}
