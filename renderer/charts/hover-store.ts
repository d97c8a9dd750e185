import { createStore } from 'zustand/vanilla'

/** Where the pointer is in time: one crosshair through all charts of the page. */
export interface Hover {
  /** The chart under the pointer or with the focus; it alone shows its tooltip. */
  readonly chartId: string | null
  /** On its x axis. */
  readonly x: number
  /** On its y axis; null when stepped to by keys. */
  readonly y: number | null
}

const nowhere: Hover = { chartId: null, x: 0, y: null }

export const hoverStore = createStore<Hover>(() => nowhere)

/** Ends the hover of a chart, unless another has it by now. */
export function leaveChart(chartId: string): void {
  if (hoverStore.getState().chartId === chartId) hoverStore.setState(nowhere)
}
