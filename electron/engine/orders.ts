import type { SwitchFailure } from '../../core/protocol/cluster.ts'
import type { PipelineView } from '../../core/protocol/views.ts'
import type { EngineOrder, EngineStart } from '../../core/protocol/engine-messages.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readPrevious(value: unknown): EngineStart['previous'] {
  if (!isObject(value)) return null
  const { atMs, reason } = value
  return typeof atMs === 'number' && typeof reason === 'string' ? { atMs, reason } : null
}

const readTextOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const readTexts = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text] as const] : [],
    ),
  )

function readFailure(value: unknown): SwitchFailure | null {
  if (!isObject(value)) return null
  const { hint, message, profile } = value
  if (typeof profile !== 'string' || typeof message !== 'string') return null
  return { profile, message, hint: readTextOrNull(hint) }
}

function readProcesses(value: unknown): PipelineView['processes'] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.flatMap((entry) => {
    if (!isObject(entry)) return []
    const { cpuPercent, name, processId, rssBytes } = entry
    const isWhole = typeof name === 'string' && [processId, rssBytes, cpuPercent].every(Number.isFinite)
    return isWhole
      ? [{ name, processId: Number(processId), rssBytes: Number(rssBytes), cpuPercent: Number(cpuPercent) }]
      : []
  })
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
    secrets: readTexts(value['secrets']),
    cannotKeepSecrets: readTextOrNull(value['cannotKeepSecrets']),
    isSwitched: value['isSwitched'] === true,
    failure: readFailure(value['failure']),
  }
}

/** What main asks for, or null for what is no order. */
export function readOrder(value: unknown): EngineOrder | null {
  if (!isObject(value)) return null
  const { id, kind } = value
  if (kind === 'page' || kind === 'ping' || kind === 'stop') return { kind }
  if (kind === 'processes') return { kind, processes: readProcesses(value['processes']) }
  if (kind === 'recalled' || kind === 'kept') {
    if (typeof id !== 'number') return null
    const refusal = readTextOrNull(value['refusal'])
    return kind === 'kept' ? { kind, id, refusal } : { kind, id, refusal, secrets: readTexts(value['secrets']) }
  }
  const start = kind === 'open' ? readStart(value['start']) : null
  return start ? { kind: 'open', start } : null
}
