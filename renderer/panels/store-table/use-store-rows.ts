import { useEffect, useMemo, useRef, useState } from 'react'
import type { StoreSummary } from '../../../core/protocol/views.ts'
import type { CommandFault } from '../../bridge/fault.ts'
import { dayMs } from '../../stores/range.ts'
import { usePoll, useView } from '../../use-model.ts'
import { useSpan } from '../../use-span.ts'

/** The stores of the current order and filter, as far as they have been seen. */
export interface StoreRows {
  /** Null before the first answer. */
  readonly total: number | null
  readonly silent: number
  rowAt(index: number): StoreSummary | null
  /** Rows of the order and filter before this one are shown until the next answer. */
  readonly isOutdated: boolean
  readonly fault: CommandFault | null
  readonly reload: () => void
}

const refreshMs = 2_000
const block = 25
/** A block before and after the one in view. */
const asked = 3 * block

/** @param first index of the first row in view */
export function useStoreRows(first: number): StoreRows {
  const { sort, descending, filter } = useView((view) => view.stores)
  const { range, bounds } = useSpan()
  const offset = Math.max(0, Math.floor(first / block) * block - block)
  const question = `${range} ${sort} ${descending} ${filter}`
  const request = { compareMs: dayMs, sort, descending, filter, offset, limit: asked }
  const { answer, fault, isOutdated, reload } = usePoll(
    'stores',
    `${question} ${offset}`,
    () => ({ ...bounds(), ...request }),
    refreshMs,
  )
  const [rows, setRows] = useState<ReadonlyMap<number, StoreSummary>>(new Map())
  const latest = useRef({ question, offset })
  const seen = useRef('')
  useEffect(() => {
    latest.current = { question, offset }
  }, [question, offset])
  useEffect(() => {
    if (answer === null || isOutdated) return
    const isSame = seen.current === latest.current.question
    seen.current = latest.current.question
    setRows((before) => {
      const next = new Map(isSame ? before : [])
      answer.rows.forEach((row, index) => next.set(latest.current.offset + index, row))
      return next
    })
  }, [answer, isOutdated])
  return useMemo(
    () => ({
      total: answer?.total ?? null,
      silent: answer?.silent ?? 0,
      rowAt: (index) => rows.get(index) ?? null,
      isOutdated,
      fault,
      reload,
    }),
    [answer, rows, isOutdated, fault, reload],
  )
}
