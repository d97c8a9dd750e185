import type { PageName } from '../stores/route.ts'

/**
 * The key that leads to the filter of a page. Pressed while the page is still coming, it acts once that page is there,
 * unless something else is pressed first, another page comes, or it takes so long that nobody expects it any more.
 */
export interface FilterKey {
  /** What the key does on a page that is shown or on its way; null where it does nothing. */
  find(page: PageName): (() => void) | null
  /** Another page is on screen. */
  show(page: PageName): void
  cancel(): void
}

const expectedWithinMs = 2_000

const findField = (): HTMLElement | null => document.querySelector<HTMLElement>('[data-filter]')

/** @param first the page on screen now; @param nowMs any steady clock */
export function createFilterKey(first: PageName, nowMs: () => number): FilterKey {
  let shown = first
  let awaited: { readonly page: PageName; readonly untilMs: number } | null = null
  return {
    find(page) {
      // The filter of the page that is about to go is not meant.
      if (page !== shown) return () => void (awaited = { page, untilMs: nowMs() + expectedWithinMs })
      const field = findField()
      return field === null ? null : () => field.focus()
    },
    show(page) {
      shown = page
      if (awaited?.page === page && nowMs() <= awaited.untilMs) findField()?.focus()
      awaited = null
    },
    cancel: () => void (awaited = null),
  }
}
