/** A set of 64-bit hashes given in two 32-bit halves, in one typed array. */
export interface HashSet64 {
  /** True when the hash was not there yet. */
  add(high: number, low: number): boolean
  forEach(action: (high: number, low: number) => void): void
  readonly size: number
}

const smallestCapacity = 8

/** Open addressing with linear probing; the hashes are taken to be well mixed, so their low bits are the home slot. */
export function createHashSet64(): HashSet64 {
  let slots = new Int32Array(smallestCapacity * 2)
  let size = 0
  // The pair (0, 0) marks an empty slot, so the hash zero is remembered apart.
  let hasZero = false

  const findSlot = (high: number, low: number): number => {
    const mask = slots.length - 2
    let at = (low << 1) & mask
    for (;;) {
      const foundHigh = slots[at]
      const foundLow = slots[at + 1]
      if ((foundHigh === 0 && foundLow === 0) || (foundHigh === high && foundLow === low)) return at
      at = (at + 2) & mask
    }
  }
  const grow = (): void => {
    const old = slots
    slots = new Int32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] ?? 0
      const low = old[at + 1] ?? 0
      if (high === 0 && low === 0) continue
      const to = findSlot(high, low)
      slots[to] = high
      slots[to + 1] = low
    }
  }

  return {
    add(unsignedHigh, unsignedLow) {
      const high = unsignedHigh | 0
      const low = unsignedLow | 0
      if (high === 0 && low === 0) {
        const isNew = !hasZero
        hasZero = true
        return isNew
      }
      const at = findSlot(high, low)
      if (slots[at] === high && slots[at + 1] === low) return false
      slots[at] = high
      slots[at + 1] = low
      size += 1
      if (size * 8 > slots.length * 3) grow()
      return true
    },
    forEach(action) {
      if (hasZero) action(0, 0)
      for (let at = 0; at < slots.length; at += 2) {
        const high = slots[at] ?? 0
        const low = slots[at + 1] ?? 0
        if (high !== 0 || low !== 0) action(high, low)
      }
    },
    get size() {
      return hasZero ? size + 1 : size
    },
  }
}
