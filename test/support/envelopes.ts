import { type EventTopic, isEventTopic } from '../../core/events/topics.ts'
import type { OracleRecord } from './oracle.ts'

interface Envelope {
  readonly topic: string
  readonly value?: unknown
  readonly text?: string
  readonly base64?: string
}

/** The value an envelope carries, from the line's own bytes: `value` is taken as the text after `"value":`. */
function readValue(line: string, envelope: Envelope): Uint8Array | null {
  if (envelope.text !== undefined) return Buffer.from(envelope.text)
  if (envelope.base64 !== undefined) return Buffer.from(envelope.base64, 'base64')
  if (envelope.value === null) return null
  return Buffer.from(line.slice(line.indexOf('"value":') + '"value":'.length, -1))
}

/** What the oracle makes of NDJSON written by `storepulse generate`: records in line order, all appended at one instant. */
export function readEnvelopes(text: string, appendedAtMs: number): readonly OracleRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const envelope = JSON.parse(line) as Envelope
      if (!isEventTopic(envelope.topic)) throw new Error(`no topic: ${line}`)
      const topic: EventTopic = envelope.topic
      return { topic, partition: 0, bytes: readValue(line, envelope), appendedAtMs }
    })
}
