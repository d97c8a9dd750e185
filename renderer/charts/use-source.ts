import { useEffect, useState } from 'react'
import { createStore } from 'zustand/vanilla'
import type { ChartSource } from './use-chart.ts'

/** Hands a value that React has to a chart. */
export function useSource<Value>(value: Value): ChartSource<Value> {
  const [store] = useState(() => createStore<{ readonly value: Value }>(() => ({ value })))
  const [source] = useState<ChartSource<Value>>(() => ({
    getState: () => store.getState().value,
    subscribe: (listener) => store.subscribe(listener),
  }))
  useEffect(() => store.setState({ value }), [store, value])
  return source
}
