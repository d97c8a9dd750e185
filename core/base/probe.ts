/** A stage reports facts to whoever listens; with nobody listening it costs a loop over an empty array. */
export interface Probe<Facts> {
  emit<Name extends keyof Facts>(name: Name, fact: Facts[Name]): void
  /** Calls `listener` for each later fact of that name; returns its undo. */
  on<Name extends keyof Facts>(name: Name, listener: (fact: Facts[Name]) => void): () => void
}

/** Creates a probe for the given map of fact names to payloads. Listeners run in the order they were added. */
export function createProbe<Facts>(): Probe<Facts> {
  const listeners: { [Name in keyof Facts]?: ((fact: Facts[Name]) => void)[] } = {}
  return {
    emit(name, fact) {
      for (const listener of listeners[name] ?? []) listener(fact)
    },
    on(name, listener) {
      listeners[name] = [...(listeners[name] ?? []), listener]
      return () => {
        listeners[name] = (listeners[name] ?? []).filter((other) => other !== listener)
      }
    },
  }
}
