import { createGenerator } from '../../../core/generator/create-generator.ts'
import type { GeneratedRecord } from '../../../core/generator/generator.ts'
import { noDisorder } from '../../../core/generator/incidents.ts'

const disorder = { ...noDisorder, late: 0.06, duplicate: 0.06, invalid: 0.04 }

/** Events of a few stores from an instant on, some of them late, repeated or invalid. */
export function makeEvents(seed: number, fromMs: number, count: number): readonly GeneratedRecord[] {
  const options = { seed, rate: 5, rates: {}, stores: 8, shape: 'flat', disorder } as const
  return createGenerator(options, fromMs).advance(fromMs + 86_400_000, count)
}
