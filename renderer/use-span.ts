import { type Range, type Span, spanAt } from './stores/range.ts'
import { windowMsOf } from './stores/settings-store.ts'
import { useModel, useView } from './use-model.ts'

/** The chosen range, and how it lies in time as of now. */
export interface ChosenSpan {
  readonly range: Range
  readonly now: () => Span
  /** The same as a part of a request. */
  readonly bounds: () => { readonly fromMs: number; readonly untilMs: number }
}

export function useSpan(): ChosenSpan {
  const model = useModel()
  const range = useView((view) => view.range)
  const now = (): Span => spanAt(range, windowMsOf(model.settings.getState()), model.nowMs())
  return {
    range,
    now,
    bounds() {
      const { fromMs, untilMs } = now()
      return { fromMs, untilMs }
    },
  }
}
