import type { DistinctKind } from '../base/distinct.ts'
import { Fault } from '../base/fault.ts'
import type { Counters } from '../events/epoch.ts'
import type { OpenWindow } from './window-store.ts'

/** Everything the engine needs to go on exactly where it stopped. */
export interface EngineState {
  readonly watermarkMs: number | null
  readonly counters: Counters
  readonly windows: readonly OpenWindow[]
  readonly ids: Uint8Array
  readonly readmitted: readonly string[]
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
}

/**
 * Serialises the state: length of a JSON header as uint32 LE, the header, each window's sketch, then the ids.
 *
 * @param before bytes of the caller's own that go in front: the ids are large, one copy of them is enough
 */
export function writeEngineState(state: EngineState, before: readonly Uint8Array[]): Uint8Array {
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
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([...before, length, json, ...sketches, state.ids])
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
  }
}
