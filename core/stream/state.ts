import type { DistinctKind } from '../base/distinct.ts'
import { Fault } from '../base/fault.ts'
import type { Counters } from '../events/epoch.ts'
import type { DuplicateFinder } from './duplicates.ts'
import type { OpenWindow } from './window-store.ts'

/** What the engine needs, besides the ids, to go on exactly where it stopped. */
interface StateBesideIds {
  readonly watermarkMs: number | null
  readonly counters: Counters
  readonly windows: readonly OpenWindow[]
  readonly readmitted: readonly string[]
  readonly idsWholeFrom: number | null
}

/** Ids that have been stored, as bytes. */
export interface EngineState extends StateBesideIds {
  readonly ids: Uint8Array
}

/** Ids as they are in use: they are large, and are written straight to where they go. */
interface LiveState extends StateBesideIds {
  readonly ids: Pick<DuplicateFinder, 'store' | 'storedBytes'>
}

/** The part that is written as JSON; sketches and ids follow it as bytes, in this order, of these lengths. */
interface StateHeader {
  readonly version: 1
  readonly watermarkMs: number | null
  readonly counters: Counters
  readonly windows: readonly (readonly [
    storeId: number,
    startMs: number,
    transactions: number,
    cents: string,
    sketchBytes: number,
  ])[]
  readonly readmitted: readonly string[]
  /** Absent in states of before it was known. */
  readonly idsWholeFrom?: number | null
}

/**
 * Serialises the state: length of a JSON header as uint32 LE, the header, each window's sketch, then the ids.
 *
 * @param before bytes of the caller's own that go in front
 */
export function writeEngineState(state: LiveState, before: readonly Uint8Array[]): Uint8Array {
  const sketches = state.windows.map((window) => window.sketch.toBytes())
  const header: StateHeader = {
    version: 1,
    watermarkMs: state.watermarkMs,
    counters: state.counters,
    windows: state.windows.map((window, index) => [
      window.storeId,
      window.startMs,
      window.transactions,
      String(window.carriedCents + BigInt(window.cents)),
      sketches[index]?.length ?? 0,
    ]),
    readmitted: state.readmitted,
    idsWholeFrom: state.idsWholeFrom,
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const first = Buffer.concat([...before, length, json, ...sketches])
  const bytes = new Uint8Array(first.length + state.ids.storedBytes)
  bytes.set(first)
  state.ids.store(bytes.subarray(first.length))
  return bytes
}

/** Reads {@link writeEngineState}'s bytes back. @throws Fault `internal` when they are not this version's */
export function readEngineState(bytes: Uint8Array, sketchKind: DistinctKind): EngineState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = buffer.readUInt32LE(0)
  // Written by this module and guarded by the snapshot's checksum: the version is what tells its shape.
  const header: StateHeader = JSON.parse(buffer.toString('utf8', 4, 4 + headerLength))
  if (header.version !== 1) throw new Fault('internal', 'this recovery snapshot was written by another version')
  let at = 4 + headerLength
  const windows = header.windows.map(([storeId, startMs, transactions, cents, sketchBytes]): OpenWindow => {
    const sketch = sketchKind.read(buffer.subarray(at, at + sketchBytes))
    at += sketchBytes
    return { storeId, startMs, transactions, cents: 0, carriedCents: BigInt(cents), sketch, touchedIn: -1 }
  })
  return {
    watermarkMs: header.watermarkMs,
    counters: header.counters,
    windows,
    ids: buffer.subarray(at),
    readmitted: header.readmitted,
    idsWholeFrom: header.idsWholeFrom ?? null,
  }
}
