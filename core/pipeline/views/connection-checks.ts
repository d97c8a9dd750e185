import type { Clock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import type { CheckProgress, FindingView } from '../../protocol/cluster.ts'
import type { Settings } from '../../settings/settings.ts'

/** Examinations of connections that are under way, read as they go. */
export interface ConnectionChecks {
  /** Begins one; returns its number. */
  start(settings: Settings): number
  /**
   * Findings beyond the first `from`: at once when there are some, else after at most a second.
   *
   * @throws Fault `not-found` when there is no such check any more
   */
  read(check: number, from: number): Promise<CheckProgress>
  stop(): void
}

export interface ConnectionChecksParts {
  readonly examine: (settings: Settings) => AsyncGenerator<FindingView, void, void>
  readonly clock: Clock
}

interface Check {
  readonly findings: FindingView[]
  isDone: boolean
  /** Somebody waits for the next finding. */
  readonly waiting: Set<() => void>
  readonly ended: AbortController
}

/** A whole examination; a server that says nothing is found out by then. */
const mostMs = 15_000
const waitMs = 1_000
/** Findings of checks that are over stay readable until so many others were begun. */
const mostChecks = 8

export function createConnectionChecks({ clock, examine }: ConnectionChecksParts): ConnectionChecks {
  const checks = new Map<number, Check>()
  let last = 0

  const tellWaiting = (check: Check): void => {
    for (const tell of check.waiting) tell()
    check.waiting.clear()
  }
  const note = (check: Check, finding: FindingView): void => {
    check.findings.push(finding)
    tellWaiting(check)
  }
  const run = async (check: Check, settings: Settings): Promise<void> => {
    const findings = examine(settings)
    const { signal } = check.ended
    const isLate = clock.sleep(mostMs, signal).then(() => null)
    try {
      while (true) {
        const next = await Promise.race([findings.next(), isLate])
        if (signal.aborted || next?.done === true) return
        if (next === null) {
          const message = `no answer within ${mostMs / 1_000} s`
          return note(check, { step: 'time', verdict: 'failed', message, fix: 'check that the servers can be reached' })
        }
        note(check, next.value)
      }
    } catch (error) {
      const { hint, message } = toFault(error, 'the examination')
      note(check, { step: 'examination', verdict: 'failed', message, fix: hint ?? null })
    } finally {
      check.isDone = true
      tellWaiting(check)
      check.ended.abort()
      // What it still does ends by itself; nobody waits for it.
      void findings.return().catch(() => undefined)
    }
  }
  const waitFor = async (check: Check): Promise<void> => {
    const told = new AbortController()
    check.waiting.add(() => told.abort())
    await clock.sleep(waitMs, told.signal)
  }

  return {
    start(settings) {
      last += 1
      const check: Check = { findings: [], isDone: false, waiting: new Set(), ended: new AbortController() }
      for (const [number, { ended }] of checks) {
        if (checks.size < mostChecks) break
        ended.abort()
        checks.delete(number)
      }
      checks.set(last, check)
      void run(check, settings)
      return last
    },
    async read(number, from) {
      const check = checks.get(number)
      if (!check) throw new Fault('not-found', 'there is no such examination any more', { domain: 'user' })
      if (!check.isDone && check.findings.length <= from) await waitFor(check)
      return { findings: check.findings.slice(from), isDone: check.isDone }
    },
    stop() {
      for (const { ended } of checks.values()) ended.abort()
    },
  }
}
