import { randomBytes } from 'node:crypto'
import { compareTables, describeTable, type Station } from '../pipeline/public.ts'
import type { OwnerInfo } from '../protocol/commands.ts'
import { auditCommands, createAuditTrail } from './audit.ts'
import { checkLock, type ClusterHandlerParts, createProfileHandlers } from './cluster-handlers.ts'
import { createHandlers } from './handlers.ts'
import { createHost, type Host } from './host.ts'
import type { OpenInputs } from './open-inputs.ts'
import { listAllProcesses } from './processes.ts'
import { mintLink } from './serve/links.ts'
import { fixedShell } from './shell.ts'

const boardMs = 250
const recentMs = 500

/** The profiles beside the one that is opened, and what the program around it can do about them. */
export const describeProfileParts = (
  { clock, command, logger, paths, profile, settings, shell }: OpenInputs,
  needsSchema: () => boolean = () => false,
): ClusterHandlerParts => ({
  world: { home: paths.home, current: profile, environment: process.env, keyring: shell?.keyring ?? null },
  shell: shell ?? fixedShell(command),
  clock,
  logger,
  settings,
  needsSchema,
})

/** All commands and feeds over an opened data directory. */
export function createStationHost(inputs: OpenInputs, station: Station): Host {
  const { clock, command, logger } = inputs
  const owner: OwnerInfo = { processId: process.pid, command, version: inputs.version, profile: inputs.profile }
  const profileParts = describeProfileParts(inputs, () => station.obstacle !== null)
  const handlers = createHandlers(
    station,
    owner,
    () => clock.nowMs(),
    async ({ role }) => mintLink({ folder: inputs.paths.serve, clock, randomBytes }, role),
    {
      ...createProfileHandlers(profileParts),
      compareTables: ({ fromMs, untilMs }) =>
        compareTables(
          {
            openWarehouse: () => station.warehouse(),
            readTable: () => station.readTable(),
            title: describeTable(inputs.settings, process.env) ?? 'PostgreSQL',
          },
          fromMs,
          untilMs,
        ),
    },
    (isConfirmed) => checkLock(profileParts, isConfirmed),
  )
  const noteDeed = createAuditTrail(async (entry) => (await station.warehouse()).appendAudit(entry), clock, logger)
  return createHost(auditCommands(listAllProcesses(handlers, inputs.shell), noteDeed, inputs.profile), {
    board: { everyMs: boardMs, read: () => station.board() },
    recent: { everyMs: recentMs, read: () => station.views.recent(), version: () => station.views.version },
    backfill: { everyMs: boardMs, read: async () => station.past.progress, version: () => station.past.progress },
  })
}
