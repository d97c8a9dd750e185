/** A task of which one run goes at a time: who asks while one is under way gets that one. */
export function createSharedRun(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= run().finally(() => {
      running = null
    })
    return running
  }
}
