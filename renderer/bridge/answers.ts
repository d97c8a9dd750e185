import type { PageAnswer, PageFeedName } from '../../core/protocol/bridge.ts'
import type { WireFault } from '../../core/protocol/wire.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const feedNames: Readonly<Record<PageFeedName, true>> = { board: true, recent: true, backfill: true }
const isFeedName = (value: unknown): value is PageFeedName =>
  typeof value === 'string' && Object.hasOwn(feedNames, value)

function readFault(value: unknown): WireFault {
  const fault = isObject(value) ? value : {}
  return {
    code: typeof fault['code'] === 'string' ? fault['code'] : 'internal',
    message: typeof fault['message'] === 'string' ? fault['message'] : 'the engine gave no reason',
    hint: typeof fault['hint'] === 'string' ? fault['hint'] : null,
    retry: fault['retry'] === true,
  }
}

/** A message of the host, or null for what is none. The host is trusted with the shape of results and values. */
export function readAnswer(message: unknown): PageAnswer | null {
  if (!isObject(message)) return null
  const { kind, id, feed } = message
  if (kind === 'feed') return isFeedName(feed) ? { kind, feed, value: message['value'] } : null
  if (typeof id !== 'number') return null
  if (kind === 'response') return { kind, id, result: message['result'] }
  if (kind === 'failure') return { kind, id, fault: readFault(message['fault']) }
  return null
}
