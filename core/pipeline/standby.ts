import { hostname } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { OwnerState, Warehouse } from '../warehouse/warehouse.ts'

/**
 * Who may process a warehouse that several machines reach. Fencing keeps two from ever committing; this keeps a second
 * one from taking over by accident, and lets it take over when the first is gone.
 *
 * 1. An owner says that it is alive every `beatMs`, commits aside.
 * 2. Whether it is, is seen by its row changing while somebody looks, never by comparing the clocks of two machines.
 * 3. One that ended properly has given the warehouse up, and nobody waits for it.
 */
export const beatMs = 2_000
/** An owner that changed nothing for this long is gone. */
const goneMs = 10_000
const lookMs = 1_000
/** By any clock this is long ago: an owner last heard of then needs no looking at. */
const longAgoMs = 600_000

/** As an owner calls itself, for people on other machines. */
export const describeSelf = (command: string): string => `${command} on ${hostname()}`

export interface OwnerWatch {
  readonly warehouse: Warehouse
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Told once who is waited for. */
  readonly onWaiting?: (owner: OwnerState) => void
}

const isSame = (left: OwnerState | null, right: OwnerState | null): boolean =>
  left?.token === right?.token && left?.seenAtMs === right?.seenAtMs

const wasLongAgo = ({ claimedAtMs, seenAtMs }: OwnerState, nowMs: number): boolean =>
  Math.abs(nowMs - (seenAtMs ?? claimedAtMs)) > longAgoMs

/** Resolves once there is no owner that is alive, or `signal` aborts. A server that is gone is waited for. */
export async function waitUntilUnowned({ clock, logger, onWaiting, signal, warehouse }: OwnerWatch): Promise<void> {
  let last: OwnerState | null = null
  let sinceMs = clock.monotonicMs()
  let isFirst = true
  while (!signal.aborted) {
    try {
      const owner = await warehouse.readOwner()
      if (!owner || owner.token === null || (isFirst && wasLongAgo(owner, clock.nowMs()))) return
      if (isFirst) onWaiting?.(owner)
      if (isFirst || !isSame(owner, last)) sinceMs = clock.monotonicMs()
      else if (clock.monotonicMs() - sinceMs >= goneMs) return
      last = owner
      isFirst = false
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry) throw error
      // Nobody can tell now whether the owner works: looking starts over when the server is back.
      logger.warn('standing by: the warehouse does not answer', { reason: describeError(error) })
      sinceMs = clock.monotonicMs()
    }
    await clock.sleep(lookMs, signal)
  }
}

/** @throws Fault `owned` when the owner is seen to be alive within a few seconds */
export async function refuseLiveOwner({ clock, signal, warehouse }: OwnerWatch): Promise<void> {
  const owner = await warehouse.readOwner()
  if (!owner || owner.token === null || wasLongAgo(owner, clock.nowMs())) return
  const untilMs = clock.monotonicMs() + beatMs * 2
  while (clock.monotonicMs() < untilMs && !signal.aborted) {
    await clock.sleep(lookMs / 4, signal)
    const now = await warehouse.readOwner()
    if (!now || now.token === null) return
    if (isSame(owner, now)) continue
    throw new Fault('owned', `this warehouse is being processed by ${owner.command} (process ${owner.processId})`, {
      hint: 'stop it first, or run with --standby to take over when it ends',
    })
  }
}
