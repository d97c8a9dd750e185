import { useState } from 'react'

/** Records chosen in a list, by id. */
export interface Selection {
  readonly refs: readonly string[]
  has(ref: string): boolean
  toggle(ref: string): void
  /** Chooses all of some records, or none when all of them are chosen. */
  toggleAll(refs: readonly string[]): void
  clear(): void
}

export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  return {
    refs: [...chosen],
    has: (ref) => chosen.has(ref),
    toggle(ref) {
      const next = new Set(chosen)
      if (!next.delete(ref)) next.add(ref)
      setChosen(next)
    },
    toggleAll: (refs) => setChosen(refs.every((ref) => chosen.has(ref)) ? new Set() : new Set(refs)),
    clear: () => setChosen(new Set()),
  }
}
