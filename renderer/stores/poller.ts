import { createStore, type StoreApi } from 'zustand/vanilla'
import type { PageCommandName, PageCommands } from '../../core/protocol/bridge.ts'
import type { Client } from '../bridge/client.ts'
import { type CommandFault, toCommandFault } from '../bridge/fault.ts'
import type { Timers } from '../bridge/timers.ts'

/**
 * One command asked again and again, for a panel.
 *
 * 1. The last answer stays until there is a newer one: a refresh never blanks the panel.
 * 2. A failure stands beside the last answer, and goes with the next one that succeeds.
 * 3. A new question aborts the one under way; a refresh waits until the one before is answered.
 */
export interface PollState<Answer> {
  readonly answer: Answer | null
  readonly fault: CommandFault | null
  /** The answer is to the question before this one. */
  readonly isOutdated: boolean
}

export interface Poller<Name extends PageCommandName> extends StoreApi<PollState<PageCommands[Name]['response']>> {
  /** Asks; `makeRequest` is called anew at each refresh. Null asks nothing. */
  ask(makeRequest: (() => PageCommands[Name]['request']) | null, everyMs: number | null): void
  readonly reload: () => void
  /** Ends it until it is asked something again. */
  readonly stop: () => void
}

export interface PollerWorld {
  readonly client: Client
  readonly timers: Timers
  /** Nobody looks, or the screen is held: a refresh can wait. */
  readonly isIdle: () => boolean
}

export function createPoller<Name extends PageCommandName>(command: Name, world: PollerWorld): Poller<Name> {
  type Answer = PageCommands[Name]['response']
  const store = createStore<PollState<Answer>>(() => ({ answer: null, fault: null, isOutdated: false }))
  let make: (() => PageCommands[Name]['request']) | null = null
  let every: number | null = null
  let running: AbortController | null = null
  let cancelTimer: () => void = () => undefined
  let stopListening: (() => void) | null = null

  const schedule = (): void => {
    cancelTimer()
    if (every !== null && make !== null) {
      cancelTimer = world.timers.after(every, () => {
        if (running !== null || world.isIdle()) schedule()
        else void run()
      })
    }
  }
  const run = async (): Promise<void> => {
    running?.abort()
    if (make === null) return
    const mine = new AbortController()
    running = mine
    try {
      const answer: Answer = await world.client.request(command, make(), mine.signal)
      if (running === mine) store.setState({ answer, fault: null, isOutdated: false })
    } catch (error) {
      if (running === mine) store.setState({ fault: toCommandFault(error) })
    } finally {
      if (running === mine) {
        running = null
        schedule()
      }
    }
  }
  const listen = (): (() => void) =>
    world.client.onStatus((status) => {
      // What was lost with the connection is asked again on the next one.
      if (status.kind === 'open' && running === null && make !== null) void run()
    })
  return {
    ...store,
    ask(makeRequest, everyMs) {
      make = makeRequest
      every = everyMs
      stopListening ??= listen()
      if (store.getState().answer !== null) store.setState({ isOutdated: true })
      void run()
    },
    reload: () => void run(),
    stop() {
      stopListening?.()
      stopListening = null
      cancelTimer()
      make = null
      running?.abort()
      running = null
    },
  }
}
