/** Counts distinct 64-bit hashes, approximately; two sketches of one kind merge without loss. */
export interface DistinctSketch {
  /** Adds the hash whose upper and lower 32 bits are given (any int32 or uint32). True when the sketch changed. */
  addHash(high: number, low: number): boolean
  merge(other: DistinctSketch): void
  /** The estimated number of distinct hashes, an integer. */
  estimate(): number
  /** A compact form that {@link DistinctKind.read} takes back. */
  toBytes(): Uint8Array
}

/** One kind of sketch: how to make an empty one and how to read a stored one. */
export interface DistinctKind {
  create(): DistinctSketch
  /** @throws RangeError when the bytes are not this kind's */
  read(bytes: Uint8Array): DistinctSketch
}
