/**
 * Gathers what arrives between two frames of the screen and writes it in one go.
 *
 * 1. At most one write per key and frame; the latest wins.
 * 2. A page that is not painted (hidden) writes nothing, and the latest of everything once it is.
 */
export interface FrameWriter {
  write(key: string, run: () => void): void
  /** Runs once, after what was written last is on the screen. */
  afterPaint(run: () => void): void
  /** Drops what waits to be written. */
  clear(): void
}

export function createFrameWriter(requestFrame: (run: () => void) => void): FrameWriter {
  const writes = new Map<string, () => void>()
  const painted: (() => void)[] = []
  let isWaiting = false

  const flush = (): void => {
    isWaiting = false
    const runs = [...writes.values()]
    writes.clear()
    for (const run of runs) run()
    if (painted.length === 0) return
    const callbacks = painted.splice(0)
    // The next frame begins when this one has been painted.
    requestFrame(() => {
      for (const callback of callbacks) callback()
    })
  }
  return {
    write(key, run) {
      writes.set(key, run)
      if (isWaiting) return
      isWaiting = true
      requestFrame(flush)
    },
    afterPaint: (run) => void painted.push(run),
    clear() {
      writes.clear()
      painted.length = 0
    },
  }
}
