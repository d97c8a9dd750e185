import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { parseTopicName } from '../topic-name.ts'
import type { PartitionOffset, Snapshot } from '../warehouse.ts'
import { toPostgresFault } from './fault.ts'
import { bytesParameter } from './parameter.ts'
import type { PostgresSession } from './session.ts'
import type { Sessions } from './sessions.ts'
import { beginSql, runTransaction } from './transaction.ts'

/**
 * Recovery snapshots in `storepulse.snapshots`.
 *
 * 1. They are written behind the caller's back, on a connection of their own: no commit waits for one.
 * 2. Each piece is a transaction of its own, a megabyte at most, packed; one whose pieces are not all there is none.
 * 3. The newest two whole ones stay.
 */
export interface Snapshots {
  /** Resolves when writing has begun. @throws Fault when the one before failed, or takes seconds longer */
  save(snapshot: Snapshot): Promise<void>
  /** Newest first, without those that cannot be read. */
  load(): Promise<readonly Snapshot[]>
  /** Waits a while for the one that is being written. */
  finish(): Promise<void>
}

const pieceBytes = 960 * 1024
const patienceMs = 3_000
const finishWithinMs = 2_500

const pack = promisify(gzip)
const unpack = promisify(gunzip)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readOffset(value: unknown): readonly PartitionOffset[] {
  if (!isObject(value)) return []
  const { offset, partition } = value
  const topic = parseTopicName(value['topic'])
  return topic && typeof partition === 'number' && typeof offset === 'number' ? [{ topic, partition, offset }] : []
}

function readOffsets(json: string): readonly PartitionOffset[] {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.flatMap(readOffset) : []
}

const insertSql = `INSERT INTO storepulse.snapshots (epoch, piece, pieces, offsets, until_sequence, bytes)
  VALUES ($1, $2, $3, $4, $5, $6)`

/** Older ones than the newest two whole ones, and older ones that were never finished. */
const dropOldSql = `DELETE FROM storepulse.snapshots WHERE epoch < (
    SELECT coalesce(min(epoch), 0) FROM (
      SELECT epoch FROM storepulse.snapshots GROUP BY epoch HAVING count(*) = min(pieces) ORDER BY epoch DESC LIMIT 2
    ) newest
  )`

/** gzip carries a checksum of each piece: what is damaged does not unpack. */
async function readSnapshot(session: PostgresSession, epoch: number): Promise<Snapshot | null> {
  const [head] = await session.read(
    'SELECT pieces, offsets, until_sequence FROM storepulse.snapshots WHERE epoch = $1 AND piece = 0',
    [String(epoch)],
    (row) => ({ pieces: row.number(0), offsets: readOffsets(row.text(1)), untilSequence: row.number(2) }),
  )
  if (!head) return null
  const parts: Uint8Array[] = []
  for (let piece = 0; piece < head.pieces; piece += 1) {
    const [bytes] = await session.read(
      'SELECT bytes FROM storepulse.snapshots WHERE epoch = $1 AND piece = $2',
      [String(epoch), String(piece)],
      (row) => row.bytes(0),
    )
    if (!bytes) return null
    try {
      parts.push(await unpack(bytes))
    } catch {
      return null
    }
  }
  return { epoch, offsets: head.offsets, untilSequence: head.untilSequence, state: Buffer.concat(parts) }
}

/** @param sessions connections that no commit uses */
export function createSnapshots(sessions: Sessions, clock: Clock): Snapshots {
  let writing: Promise<void> | null = null
  let failure: Fault | null = null

  const doing = 'a recovery snapshot could not be written'
  const runWrite = (sql: string, parameters: readonly string[]): Promise<number> =>
    runTransaction(sessions, { sql: beginSql('READ WRITE'), doing }, (session) => session.run(sql, parameters))

  const write = async ({ epoch, offsets, state, untilSequence }: Snapshot): Promise<void> => {
    const pieces = Math.max(1, Math.ceil(state.length / pieceBytes))
    await runWrite('DELETE FROM storepulse.snapshots WHERE epoch = $1', [String(epoch)])
    const head = [JSON.stringify(offsets), String(untilSequence)]
    for (let piece = 0; piece < pieces; piece += 1) {
      const bytes = await pack(state.subarray(piece * pieceBytes, (piece + 1) * pieceBytes), { level: 1 })
      const place = [String(epoch), String(piece), String(pieces)]
      await runWrite(insertSql, [...place, ...head, bytesParameter(bytes) ?? ''])
    }
    await runWrite(dropOldSql, [])
  }
  const begin = (snapshot: Snapshot): void => {
    const mine = write(snapshot).catch((error: unknown) => {
      failure = toPostgresFault(error, doing)
    })
    writing = mine
    void mine.then(() => {
      if (writing === mine) writing = null
    })
  }

  return {
    async save(snapshot) {
      if (writing) await Promise.race([writing, clock.sleep(patienceMs)])
      if (writing) {
        throw new Fault('timeout', 'the recovery snapshot before is still being written', {
          retry: true,
          hint: 'the server takes longer for one than they are apart; recovery reads more of the log',
        })
      }
      const failed = failure
      failure = null
      begin(snapshot)
      if (failed) throw failed
    },
    async load() {
      if (writing) await writing
      const begin = { sql: beginSql('READ ONLY'), doing: 'the recovery snapshots could not be read' }
      return await runTransaction(sessions, begin, async (session) => {
        const epochs = await session.read(
          `SELECT epoch FROM storepulse.snapshots GROUP BY epoch HAVING count(*) = min(pieces)
            ORDER BY epoch DESC LIMIT 2`,
          [],
          (row) => row.number(0),
        )
        const snapshots: Snapshot[] = []
        for (const epoch of epochs) {
          const snapshot = await readSnapshot(session, epoch)
          if (snapshot) snapshots.push(snapshot)
        }
        return snapshots
      })
    },
    async finish() {
      if (writing) await Promise.race([writing, clock.sleep(finishWithinMs)])
    },
  }
}
