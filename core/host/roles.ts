import type { PageCommandName } from '../protocol/bridge.ts'
import type { Role } from '../protocol/commands.ts'

/** Who may run a command: whoever looks, who also operates, or only who can reach the data directory itself. */
type Need = Role | 'owner'

/** A new command has to choose. What writes to disk, or makes something durable, is no `view`. */
const needs = {
  hello: 'view',
  status: 'view',
  query: 'view',
  append: 'operate',
  sync: 'operate',
  listLate: 'view',
  listQuarantine: 'view',
  listAudit: 'view',
  showQuarantined: 'view',
  listConflicts: 'view',
  sumLedgers: 'view',
  sumQuarantine: 'view',
  readmit: 'operate',
  purgeQuarantine: 'operate',
  reportPainted: 'view',
  mintLink: 'owner',
  noteDeed: 'owner',
  series: 'view',
  trends: 'view',
  stores: 'view',
  heatMap: 'view',
  storeSheet: 'view',
  quality: 'view',
  pipeline: 'view',
  alertHistory: 'view',
  describeSettings: 'view',
  saveSettings: 'operate',
  listProfiles: 'view',
  createProfile: 'operate',
  updateProfile: 'operate',
  deleteProfile: 'operate',
  switchProfile: 'operate',
  planSchema: 'operate',
  createSchema: 'operate',
  describeConnection: 'operate',
  saveConnection: 'operate',
  checkConnection: 'operate',
  readCheck: 'operate',
  importClientProperties: 'operate',
  compareTables: 'view',
} satisfies Readonly<Record<PageCommandName, Need>>

const isNamed = (command: string): command is keyof typeof needs => Object.hasOwn(needs, command)

/** Whether a session of that role may run a command; what is no command may be run by nobody. */
export function mayRun(role: Role, command: string): boolean {
  if (!isNamed(command)) return false
  const need: Need = needs[command]
  return need === 'view' || need === role
}
