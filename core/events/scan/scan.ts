/** Bytes being scanned and what has been kept of the record so far. Text stays where it is, as ranges of the bytes. */
export interface Scan {
  bytes: Uint8Array
  /** Over the same bytes, for comparing several at once. */
  view: DataView
  /** Where the record ends: scanning stops soon after it, whatever follows. */
  end: number
  idStart: number
  idEnd: number
  customerStart: number
  customerEnd: number
  storeId: number
  eventTimeMs: number
  /** The event time named no zone and is taken for UTC. */
  zoneless: boolean
  cents: number
  refund: boolean
  /** The date scanned last, as three words of text, and its midnight UTC: the next record is mostly of the same. */
  readonly dateWords: Int32Array
  dateMs: number
}

export const createScan = (): Scan => ({
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  end: 0,
  idStart: 0,
  idEnd: 0,
  customerStart: 0,
  customerEnd: 0,
  storeId: 0,
  eventTimeMs: 0,
  zoneless: false,
  cents: 0,
  refund: false,
  dateWords: new Int32Array(3),
  dateMs: 0,
})

/** Points the scan at `source`. The records of one batch share theirs, so that this is rarely more than a comparison. */
export function resetScan(scan: Scan, source: Buffer): void {
  scan.refund = false
  if (scan.bytes === source) return
  scan.bytes = source
  scan.view = new DataView(source.buffer, source.byteOffset, source.byteLength)
}
