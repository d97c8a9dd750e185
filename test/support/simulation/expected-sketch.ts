import { readStoredRegisters, registersOf } from '../oracle-sketch.ts'

/** What the sketch of a few customers must be. */

const registerCount = 512
const known = new Map<string, { readonly index: number; readonly rank: number }>()

function placeOf(customer: string): { readonly index: number; readonly rank: number } {
  const place = known.get(customer)
  if (place) return place
  const registers = registersOf([customer])
  const index = registers.findIndex((rank) => rank > 0)
  const found = { index, rank: registers[index] ?? 0 }
  known.set(customer, found)
  return found
}

/** The registers that are not zero. */
function ranksFor(customers: Iterable<string>): ReadonlyMap<number, number> {
  const ranks = new Map<number, number>()
  for (const customer of customers) {
    const { index, rank } = placeOf(customer)
    ranks.set(index, Math.max(ranks.get(index) ?? 0, rank))
  }
  return ranks
}

/** Linear counting, which is what HyperLogLog++ uses up to hundreds of customers (Heule et al., 2013, section 5.3). */
export const estimateOf = (customers: Iterable<string>): number =>
  Math.round(registerCount * Math.log(registerCount / (registerCount - ranksFor(customers).size)))

export function isSketchOf(sketch: Uint8Array, customers: Iterable<string>): boolean {
  const expected = ranksFor(customers)
  return readStoredRegisters(sketch).every((rank, index) => rank === (expected.get(index) ?? 0))
}
