import { Fault } from '../../../core/base/fault.ts'
import { type SimulatedProcess, wait } from './process.ts'
import type { World } from './world.ts'

/** How one kind of call is treated. */
export interface CallRules {
  /** Times the seed's chances of a crash or a fault; polls are many and matter little. */
  readonly risk: number
  /** Whether the call may reach the other side twice. */
  readonly isRepeatable?: boolean
  readonly mayFail?: boolean
  /** Whether it may have been done although no answer came. */
  readonly mayLoseAnswer?: boolean
}

export type Call = <Result>(name: string, effect: () => Promise<Result>, rules: CallRules) => Promise<Result>

export const simulated = 'simulated: '

const passing = (name: string): Fault =>
  new Fault('unreachable', `${simulated}${name} had no answer`, { retry: true, domain: 'external' })
const lasting = (name: string): Fault => new Fault('internal', `${simulated}${name} went wrong`)

/**
 * The way from a process to a log or a warehouse: every call takes time, and every step of it may be the process's last,
 * fail, or lose its answer.
 *
 * @param outageUntilMs until when nothing is reached
 */
export function createCall(world: World, process: SimulatedProcess, outageUntilMs: () => number): Call {
  const { random, scenario, scheduler, trace } = world
  const { faults } = scenario
  const happens = (chance: number, risk: number): boolean => !world.isCalm && random.chance(chance * risk)
  const note = (fault: string, name: string): void => {
    trace.count(fault)
    trace.note(scheduler.nowMs, process.name, `${name}: ${fault}`)
  }
  const latencyMs = (): number => (happens(faults.slow, 1) ? random.next() * 300 : random.next() * 2)
  const crash = <Result>(name: string, when: string): Promise<Result> => {
    trace.count('crash')
    process.kill(`${when} ${name}`)
    return wait<Result>()
  }

  return async (name, effect, { isRepeatable = false, mayFail = true, mayLoseAnswer = mayFail, risk }) => {
    await process.hop(latencyMs())
    if (scheduler.nowMs < outageUntilMs()) {
      note('in outage', name)
      throw passing(name)
    }
    if (happens(faults.crash, risk)) return await crash(name, 'before')
    if (mayFail && happens(faults.fail, risk)) {
      note('fail', name)
      throw passing(name)
    }
    if (mayFail && happens(faults.break, risk)) {
      note('break', name)
      throw lasting(name)
    }
    const result = await effect()
    if (isRepeatable && happens(faults.twice, risk)) {
      note('twice', name)
      const second = await effect().then(
        () => 'done again',
        (error: unknown) => String(error),
      )
      trace.note(scheduler.nowMs, process.name, `${name}: the second time: ${second}`)
    }
    await process.hop(latencyMs())
    if (happens(faults.crash, risk)) return await crash(name, 'after')
    if (mayLoseAnswer && happens(faults['answer-lost'], risk)) {
      note('answer-lost', name)
      throw random.chance(0.8) ? passing(name) : lasting(name)
    }
    return result
  }
}
