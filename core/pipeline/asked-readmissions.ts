import { Fault } from '../base/fault.ts'
import type { Readmission } from '../events/epoch.ts'

/** Re-admissions that wait for their turn between two reads. */
export interface AskedReadmissions {
  /** Resolves once they are applied, with the epoch they are part of. @throws Fault `cancelled` when the loop ends before that */
  ask(readmissions: readonly Readmission[]): Promise<number>
  /** Applies what was asked first, if anything was. */
  answer(): Promise<void>
  end(): void
}

interface Asked {
  readonly readmissions: readonly Readmission[]
  readonly resolve: (epoch: number) => void
  readonly reject: (reason: unknown) => void
}

export function createAskedReadmissions(
  apply: (readmissions: readonly Readmission[]) => Promise<number>,
): AskedReadmissions {
  const stopped = (): Fault => new Fault('cancelled', 'the pipeline was stopped before that was done')
  let waiting: readonly Asked[] = []
  let hasEnded = false
  return {
    ask: (readmissions) =>
      new Promise((resolve, reject) => {
        if (hasEnded) reject(stopped())
        else waiting = [...waiting, { readmissions, resolve, reject }]
      }),
    async answer() {
      const [first, ...others] = waiting
      if (!first) return
      waiting = others
      try {
        first.resolve(await apply(first.readmissions))
      } catch (error) {
        first.reject(error)
        throw error
      }
    },
    end() {
      hasEnded = true
      for (const { reject } of waiting) reject(stopped())
      waiting = []
    },
  }
}
