import type { StoreProfile } from '../../generator/generator.ts'
import { listStores } from '../../generator/world.ts'
import type { Settings } from '../../settings/settings.ts'
import { type Ask, numberAt } from './ask.ts'

/** What is known of stores beside what they sell. */
export interface StoreDirectory {
  find(id: number): StoreProfile | null
  /** Its name, else "Store 7". */
  nameOf(id: number): string
  /** Every store there is: those of the directory, and those that ever sold something. */
  list(): Promise<readonly number[]>
  /** Takes note of a store that sells. */
  note(id: number): void
}

/** The directory of the generator's world while that makes the events, else an empty one. */
export function createStoreDirectory(settings: Settings, ask: Ask): StoreDirectory {
  let profiles: ReadonlyMap<number, StoreProfile> | null = null
  let reading: Promise<void> | null = null
  const sold = new Set<number>()

  const open = (): ReadonlyMap<number, StoreProfile> => {
    if (!profiles) {
      const isMade = settings.flag('generator.enabled')
      const made = isMade ? listStores(settings.number('generator.seed'), settings.number('generator.stores')) : []
      profiles = new Map(made.map((store) => [store.id, store]))
    }
    return profiles
  }
  const readSold = async (): Promise<void> => {
    for (const row of await ask('SELECT DISTINCT store_id FROM storepulse.windows')) sold.add(numberAt(row, 0))
  }

  return {
    find: (id) => open().get(id) ?? null,
    nameOf: (id) => open().get(id)?.name ?? `Store ${id}`,
    async list() {
      reading ??= readSold().catch((error: unknown) => {
        reading = null
        throw error
      })
      await reading
      return [...new Set([...open().keys(), ...sold])]
    },
    note: (id) => void sold.add(id),
  }
}
