/** A float32 as the number that its shortest decimal spells: 12.34 was written as such, and no float64 is equal to it. */
export function widenFloat(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** Wrapped in the name of its branch by avsc where a union has several of one kind. */
function unwrap(value: object): unknown {
  if (Object.hasOwn(value, 'unwrap') || !('unwrap' in value) || typeof value.unwrap !== 'function') return value
  return value.unwrap()
}

function toPlain(value: unknown): unknown {
  // JSON has no such numbers; as texts they are found to be what they are.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (Array.isArray(value)) return value.map(toPlain)
  const inner = unwrap(value)
  if (inner !== value) return toPlain(inner)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toPlain(member)]))
}

/** What avsc read, as JSON: bytes as Latin-1 text (as Avro's own JSON has them), branches of unions without their names. */
export const toJsonText = (value: unknown): string => JSON.stringify(toPlain(value))
