import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePlanted, type Planting } from '../planted-code.ts'
import { allPoints } from './points.ts'

/** What is seldom at a usual pace is often at this one; no result depends on it. */
const paces: readonly Planting[] = [
  { file: 'core/pipeline/standby.ts', find: 'export const beatMs = 2_000', replace: 'export const beatMs = 100' },
  {
    file: 'core/settings/table.ts',
    find: '{ min: 1_048_576, max: 1_073_741_824 }',
    replace: '{ min: 4_096, max: 1_073_741_824 }',
  },
  {
    file: 'core/warehouse/duckdb/checkpoints.ts',
    find: 'const largestLogBytes = 8 * 1024 * 1024',
    replace: 'const largestLogBytes = 64 * 1024',
  },
  {
    file: 'core/warehouse/duckdb/checkpoints.ts',
    find: 'const commitsBetweenLooks = 16',
    replace: 'const commitsBetweenLooks = 4',
  },
]

/** The command with all crash points in it, and whatever else is to be planted. */
export interface PlantedCommand {
  readonly folder: string
  /** The script that is the command. */
  readonly program: string
}

/** @param bugs changes besides the crash points */
export async function buildPlantedCommand(bugs: readonly Planting[] = []): Promise<PlantedCommand> {
  const points = allPoints.map(({ file, find, replace }) => ({ file, find, replace }))
  const folder = await bundlePlanted({ main: 'core/cli/main.ts' }, [...bugs, ...points, ...paces])
  const program = join(folder, 'storepulse.mjs')
  writeFileSync(program, "import { runCommandLine } from './main.mjs'\n\nawait runCommandLine(async () => undefined)\n")
  return { folder, program }
}
