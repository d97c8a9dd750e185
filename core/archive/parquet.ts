import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { type Duckdb, openDuckdb } from '../duckdb/connection.ts'
import { toDuckdbFault } from '../duckdb/fault.ts'
import type { DuckdbSession } from '../duckdb/session.ts'
import type { Row } from '../duckdb/row.ts'
import { keyOf, type LogRecord, origins, valueOf } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'

/** Turns the records of one partition into the bytes of a Parquet file, and back. */
export interface ParquetCodec {
  /** The same records give the same bytes. */
  encode(records: readonly LogRecord[]): Promise<Uint8Array>
  /** @throws Fault `input` naming `name` when the bytes are no such file */
  decode(name: string, topic: Topic, bytes: Uint8Array): Promise<readonly LogRecord[]>
  close(): Promise<void>
}

/** Several times the raw bytes of the largest file. */
const memoryLimitMb = 192

const columns = `topic VARCHAR, partition INTEGER, record_offset BIGINT, sequence BIGINT, appended_at TIMESTAMP,
  origin VARCHAR, key BLOB, value BLOB, is_producer_time BOOLEAN`
const selection = `partition, record_offset, sequence, coalesce(epoch_ms(appended_at), -1), origin,
  key IS NULL, coalesce(key, ''::BLOB), value IS NULL, coalesce(value, ''::BLOB), is_producer_time`

interface Workshop {
  readonly database: Duckdb
  readonly session: DuckdbSession
  readonly folder: string
}

async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'storepulse-archive-'))
  const database = await openDuckdb({
    file: ':memory:',
    memoryLimitMb,
    sessions: 1,
    reachesFiles: true,
    setUp: '',
    setUpSession: '',
  })
  const [session] = database.sessions
  if (!session) throw new Fault('internal', 'DuckDB came without a session')
  return { database, session, folder }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Opens DuckDB, in memory, and a folder for its files when they are first needed. */
export function createParquetCodec(): ParquetCodec {
  let opening: Promise<Workshop> | null = null
  const work = async <Result>(doing: (workshop: Workshop, file: string) => Promise<Result>): Promise<Result> => {
    opening ??= openWorkshop()
    const workshop = await opening
    // DuckDB writes and reads files only; one at a time, so that memory holds one.
    return await workshop.session.turn(async () => {
      const file = join(workshop.folder, 'work.parquet')
      try {
        return await doing(workshop, file)
      } finally {
        await rm(file, { force: true })
      }
    })
  }
  return {
    encode: (records) =>
      work(async ({ session }, file) => {
        try {
          await session.run(`CREATE OR REPLACE TABLE records (${columns})`)
          await appendRecords(session, records)
          await session.run(`COPY records TO ${quote(file)} (FORMAT parquet, COMPRESSION zstd); DROP TABLE records`)
          return await readFile(file)
        } catch (error) {
          throw toDuckdbFault(error, 'records could not be written as Parquet')
        }
      }),
    decode: (name, topic, bytes) =>
      work(async ({ session }, file) => {
        await writeFile(file, bytes)
        try {
          const sql = `SELECT ${selection} FROM read_parquet(${quote(file)}, hive_partitioning = false)`
          return await session.read(sql, [], (row) => readRecord(topic, row))
        } catch (error) {
          throw new Fault('input', `${name} cannot be read as a file of this archive`, { cause: error })
        }
      }),
    async close() {
      const opened = await opening
      opening = null
      await opened?.database.close()
      if (opened) await rm(opened.folder, { recursive: true, force: true })
    },
  }
}

async function appendRecords(session: DuckdbSession, records: readonly LogRecord[]): Promise<void> {
  await session.append({ catalog: null, schema: 'main', table: 'records' }, [
    { type: 'text', values: records.map(({ topic }) => topic) },
    { type: 'integer', values: records.map(({ partition }) => partition) },
    { type: 'bigint', values: records.map(({ offset }) => offset) },
    { type: 'bigint', values: records.map(({ sequence }) => sequence) },
    { type: 'timestamp', values: records.map(({ appendedAtMs }) => (appendedAtMs < 0 ? null : appendedAtMs)) },
    { type: 'text', values: records.map(({ origin }) => origin) },
    { type: 'bytes', values: records.map(keyOf) },
    { type: 'bytes', values: records.map(valueOf) },
    { type: 'boolean', values: records.map(({ isProducerTime }) => isProducerTime) },
  ])
}

function readRecord(topic: Topic, row: Row): LogRecord {
  const key = row.flag(5) ? null : row.bytes(6)
  const value = row.flag(7) ? null : row.bytes(8)
  const origin = origins.find((known) => known === row.text(4))
  if (origin === undefined) throw new Fault('input', `"${row.text(4)}" is no origin of a record`)
  return {
    topic,
    partition: row.number(0),
    offset: row.number(1),
    sequence: row.number(2),
    appendedAtMs: row.number(3),
    isProducerTime: row.flag(9),
    origin,
    ...placeBytes(key, value),
  }
}

type PlacedBytes = Pick<LogRecord, 'source' | 'keyStart' | 'keyEnd' | 'valueStart' | 'valueEnd'>

/** Key and value in one buffer of their own. */
export function placeBytes(key: Uint8Array | null, value: Uint8Array | null): PlacedBytes {
  const keyLength = key?.length ?? 0
  const end = keyLength + (value?.length ?? 0)
  const source = Buffer.allocUnsafe(end)
  if (key !== null) source.set(key, 0)
  if (value !== null) source.set(value, keyLength)
  return {
    source,
    keyStart: key === null ? -1 : 0,
    keyEnd: key === null ? -1 : keyLength,
    valueStart: value === null ? -1 : keyLength,
    valueEnd: value === null ? -1 : end,
  }
}
