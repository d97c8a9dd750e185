import { Fault, toFault } from '../base/fault.ts'
import { appendToTrail } from '../pipeline/public.ts'
import type { Deed } from '../protocol/commands.ts'
import { describeUser } from './caller.ts'
import { type OpenInputs, tryToAttach } from './open.ts'
import { withOwnership } from './with-ownership.ts'

async function write(inputs: OpenInputs, deed: Deed): Promise<void> {
  const attached = await tryToAttach(inputs.paths)
  if (attached) {
    try {
      await attached.client.run('noteDeed', deed)
    } finally {
      await attached.client.close()
    }
    return
  }
  const entry = { atMs: inputs.clock.nowMs(), who: describeUser(), ...deed }
  await withOwnership(inputs, () => appendToTrail(inputs, [entry]))
}

/**
 * Notes in a profile's audit trail what a command has done elsewhere: through the owner of the data directory where there
 * is one. Never rejects: what was done is done.
 */
export async function noteInTrail(inputs: OpenInputs, deed: Deed): Promise<void> {
  try {
    await write(inputs, deed)
  } catch (error) {
    // Without a database, or before its first migration, there is no trail.
    if (error instanceof Fault && (error.code === 'schema-missing' || error.code === 'setting')) return
    inputs.logger.warn('what was done is not in the audit trail', { reason: toFault(error, 'audit').message })
  }
}
