import { app } from 'electron'
import type { PipelineView } from '../../core/protocol/views.ts'

const bytesPerKb = 1_024
const names: Readonly<Record<string, string>> = { Browser: 'app', Tab: 'page', GPU: 'graphics' }

/** The app's processes but the engine, which knows more of itself. Processor shares are of one processor. */
export function listProcesses(enginePid: number | undefined): PipelineView['processes'] {
  return app
    .getAppMetrics()
    .filter(({ pid }) => pid !== enginePid)
    .map(({ cpu, memory, name, pid, type }) => ({
      name: names[type] ?? name ?? type.toLowerCase(),
      processId: pid,
      rssBytes: memory.workingSetSize * bytesPerKb,
      cpuPercent: Math.round(cpu.percentCPUUsage * 10) / 10,
    }))
}
