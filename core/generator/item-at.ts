import { Fault } from '../base/fault.ts'

/**
 * The item at `index`, which the caller knows to be there.
 *
 * @throws Fault `internal` when it is not
 */
export function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new Fault('internal', `no item ${index} among ${items.length}`)
  return item
}
