import { Fault } from '../base/fault.ts'
import type { AppendRecord } from '../events/record.ts'
import type { BuildInputs } from './build.ts'
import { createPatientAppend } from './patient-append.ts'

/** Sends events of our own to someone's cluster. */
export interface Sender {
  /** Resolves when the cluster has all of them; waits while it cannot be reached. Ends undone when `signal` aborts. */
  send(records: readonly AppendRecord[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the topics of a profile for sending, and nothing else of it.
 *
 * @param onTrouble told when sending fails (why) and when it works again (null)
 * @throws Fault `usage` for a profile without a cluster, or that only looks
 */
export async function openSender(inputs: BuildInputs, onTrouble: (reason: string | null) => void): Promise<Sender> {
  const { clock, logger, settings } = inputs
  const { kind, writes } = settings.profile
  if (writes.events !== 'kafka') {
    throw new Fault('usage', `a profile of kind ${kind} sends nothing to Kafka`, {
      domain: 'user',
      hint: 'use --profile process, or a profile of your own of that kind',
    })
  }
  const { openClusterLog } = await import('./cluster-places.ts')
  const log = await openClusterLog(inputs)
  const append = createPatientAppend({ log, clock, logger, onTrouble })
  return {
    send: (records, signal) => append(records, () => ({ appendedAtMs: clock.nowMs(), origin: 'live' }), signal),
    close: () => log.close(),
  }
}
