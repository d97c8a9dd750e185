/** Runs works one after the other, in the order they were asked for. */
export interface Turns {
  take<Result>(work: () => Promise<Result>): Promise<Result>
  /** Resolves when everything asked for so far has ended, well or not. */
  settle(): Promise<void>
}

/** Creates an empty row of turns. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(work) {
      const turn = last.then(work)
      last = turn.then(
        () => null,
        () => null,
      )
      return turn
    },
    async settle() {
      await last
    },
  }
}
