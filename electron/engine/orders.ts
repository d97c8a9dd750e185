import type { EngineOrder, EngineStart } from '../../core/protocol/engine-messages.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readPrevious(value: unknown): EngineStart['previous'] {
  if (!isObject(value)) return null
  const { atMs, reason } = value
  return typeof atMs === 'number' && typeof reason === 'string' ? { atMs, reason } : null
}

function readStart(value: unknown): EngineStart | null {
  if (!isObject(value)) return null
  const { dataDirectory, flags, profile, version } = value
  if (typeof dataDirectory !== 'string' || typeof profile !== 'string' || typeof version !== 'string') return null
  if (!Array.isArray(flags)) return null
  return {
    dataDirectory,
    profile,
    version,
    flags: flags.filter((flag) => typeof flag === 'string'),
    previous: readPrevious(value['previous']),
  }
}

/** What main asks for, or null for what is no order. */
export function readOrder(value: unknown): EngineOrder | null {
  if (!isObject(value)) return null
  const { kind } = value
  if (kind === 'page' || kind === 'ping' || kind === 'stop') return { kind }
  const start = kind === 'open' ? readStart(value['start']) : null
  return start ? { kind: 'open', start } : null
}
