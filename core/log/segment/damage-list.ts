import type { LogDamage, LogProbe } from '../log.ts'

/** Everything found damaged since the log was opened, each stretch once. */
export interface DamageList {
  /** True when it was not known yet. */
  report(damage: LogDamage): boolean
  readonly all: readonly LogDamage[]
}

export function createDamageList(probe: LogProbe | undefined): DamageList {
  const all: LogDamage[] = []
  const known = new Set<string>()
  return {
    report(damage) {
      const name = `${damage.kind} ${damage.topic}/${damage.partition}@${damage.fromOffset}`
      if (known.has(name)) return false
      known.add(name)
      all.push(damage)
      probe?.emit('damaged', damage)
      return true
    },
    all,
  }
}
