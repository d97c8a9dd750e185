import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline as pipeStreams } from 'node:stream/promises'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'
import { readTableFile } from '../duckdb/files.ts'
import type { AppendRecord } from '../events/record.ts'
import { type EventTopic, eventTopics, isEventTopic } from '../events/topics.ts'
import { readBareLine, readEnvelopeLine } from './import-lines.ts'

/** What an import appended. */
export interface Imported {
  readonly imported: number
  readonly perTopic: Readonly<Record<EventTopic, number>>
}

export interface ImportParts {
  /** Appends a chunk in order; durable after `sync`. */
  readonly append: (records: readonly AppendRecord[]) => Promise<void>
  readonly sync: () => Promise<void>
  /** Standard input, for the file name `-`. */
  readonly input: Readable
  readonly onProgress: (imported: number) => void
}

const chunkRecords = 2_000
const chunkBytes = 4_194_304
const lineFeed = 0x0a

/** Splits a stream of bytes into lines without their line feed; a last line without one counts too. */
async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer[] = []
  for await (const chunk of stream) {
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      const line = chunk.subarray(from, at)
      yield rest.length === 0 ? line : Buffer.concat([...rest, line])
      rest = []
      from = at + 1
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

function openFile(file: string): AsyncIterable<Buffer> {
  return createReadStream(file, { highWaterMark: 1_048_576 })
}

/** What is wrong with a file that was named, in words for whoever named it. */
const fileTroubles: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
}

function refuseFile(file: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = systemErrorCode(error)
  const trouble = (code === null ? undefined : fileTroubles[code]) ?? describeError(error)
  return new Fault(code === 'ENOENT' ? 'not-found' : 'input', `${file}: ${trouble}`, { domain: 'user', cause: error })
}

/** A file, and what it is called to whoever asked for it. */
interface Source {
  readonly path: string
  readonly name: string
}

const isBlank = (line: Buffer): boolean => line.length === 0 || (line.length === 1 && line[0] === 0x0d)

/** Turns the lines of one file into records; envelopes are checked, bare values are taken as they are. */
async function* readRecords(
  { path, name }: Source,
  topic: EventTopic | null,
): AsyncGenerator<AppendRecord, void, void> {
  let number = 0
  for await (const line of readLines(openFile(path))) {
    number += 1
    if (topic !== null) {
      yield readBareLine(topic, line)
      continue
    }
    if (isBlank(line)) continue
    try {
      yield readEnvelopeLine(line)
    } catch (error) {
      if (error instanceof Fault)
        throw new Fault('input', `${name}:${number} ${error.message}`, { domain: 'user', cause: error })
      throw error
    }
  }
}

async function* readTable(file: string, topic: EventTopic): AsyncGenerator<AppendRecord, void, void> {
  for await (const rows of readTableFile(file)) {
    for (const row of rows) yield readBareLine(topic, Buffer.from(row))
  }
}

const isTable = (file: string): boolean => /\.(csv|parquet)$/i.test(file)

function openRecords(source: Source, topic: EventTopic | null): AsyncGenerator<AppendRecord, void, void> {
  if (!isTable(source.path)) return readRecords(source, topic)
  if (topic === null) throw new Fault('usage', `${source.name} needs --topic: its rows name none`, { domain: 'user' })
  return readTable(source.path, topic)
}

/** Goes through every envelope before anything is appended: a bad line stops an import that has changed nothing. */
async function checkEnvelopes(sources: readonly Source[]): Promise<void> {
  for (const source of sources) for await (const record of openRecords(source, null)) void record
}

/** Standard input can be read only once, the check needs a pass of its own: it is spooled to a temporary file. */
async function spool(input: Readable, folder: string): Promise<string> {
  const file = join(folder, 'standard-input')
  await pipeStreams(input, createWriteStream(file, { mode: 0o600 }))
  return file
}

/** Reads `--topic`. @throws Fault `usage` naming the topics there are */
export function parseTopic(name: string | undefined): EventTopic | null {
  if (name === undefined) return null
  if (isEventTopic(name)) return name
  throw new Fault('usage', `there is no topic "${name}": ${eventTopics.join(', ')}`, { domain: 'user' })
}

async function appendAll(
  records: AsyncIterable<AppendRecord>,
  parts: ImportParts,
  counts: Record<EventTopic, number>,
): Promise<void> {
  let chunk: AppendRecord[] = []
  let sizeBytes = 0
  const flush = async (): Promise<void> => {
    if (chunk.length === 0) return
    await parts.append(chunk)
    for (const { topic } of chunk) if (isEventTopic(topic)) counts[topic] += 1
    parts.onProgress(Object.values(counts).reduce((sum, count) => sum + count, 0))
    chunk = []
    sizeBytes = 0
  }
  for await (const record of records) {
    chunk.push(record)
    sizeBytes += record.value?.length ?? 0
    if (chunk.length >= chunkRecords || sizeBytes >= chunkBytes) await flush()
  }
  await flush()
}

/**
 * Appends the records of the files, in order, byte for byte, bad ones included; durable when it resolves.
 *
 * @param topic every line is a value of it; null: every line is an envelope
 * @throws Fault `input` naming file and line of the first line that is no envelope, before anything is appended
 */
export async function importFiles(
  files: readonly string[],
  topic: EventTopic | null,
  parts: ImportParts,
): Promise<Imported> {
  const folder = files.includes('-') ? await mkdtemp(join(tmpdir(), 'storepulse-')) : null
  const counts = { 'retail-transactions': 0, 'customer-events': 0, 'inventory-updates': 0 }
  let current = files[0] ?? '-'
  try {
    const spooled = folder ? await spool(parts.input, folder) : ''
    const sources = files.map((name): Source => ({ name, path: name === '-' ? spooled : name }))
    if (topic === null) await checkEnvelopes(sources)
    for (const source of sources) {
      current = source.name
      await appendAll(openRecords(source, topic), parts, counts)
    }
    await parts.sync()
  } catch (error) {
    throw refuseFile(current, error)
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true })
  }
  return { imported: Object.values(counts).reduce((sum, count) => sum + count, 0), perTopic: counts }
}
