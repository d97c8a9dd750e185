import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { StoreSheet as Sheet } from '../../../core/protocol/views.ts'
import { goTo } from '../../shell/use-route.ts'
import { dayMs } from '../../stores/range.ts'
import { pageRoute } from '../../stores/route.ts'
import { Failed, Loading, NotRefreshed } from '../../ui/notice.tsx'
import { useFocusReturn } from '../../ui/use-focus-return.ts'
import { useFormats, usePoll, useSession } from '../../use-model.ts'
import { useSpan } from '../../use-span.ts'
import { words } from '../../words.ts'
import { StoreFacts } from './store-facts.tsx'
import { StoreTrade } from './store-trade.tsx'
import './store-sheet.css'

const text = words.sheet
const refreshMs = 2_000

/** Says in words whether the store sells, and since when it does not. */
function Selling({ sheet }: { readonly sheet: Sheet }) {
  const formats = useFormats()
  const nowMs = useSession((session) => session.nowMs)
  const { silentSinceMs } = sheet.summary
  const gap = sheet.usualGapMs === null ? text.gapUnknown : text.usualGap(formats.duration(sheet.usualGapMs))
  if (silentSinceMs === null) {
    return (
      <p className="sheet-state">
        <strong className="is-good">{text.selling}</strong> {gap}
      </p>
    )
  }
  const silentMs = Math.max(0, (nowMs ?? silentSinceMs) - silentSinceMs)
  return (
    <p className="sheet-state sheet-silent" role="status">
      <strong className="is-bad">{text.silent(formats.duration(silentMs))}</strong> {gap}
    </p>
  )
}

/** One store in full, beside the list of all. */
export function StoreSheet({ storeId }: { readonly storeId: number }) {
  const formats = useFormats()
  const { range, bounds, now } = useSpan()
  const { answer, fault, isOutdated, reload } = usePoll(
    'storeSheet',
    `${storeId} ${range}`,
    () => ({ storeId, ...bounds(), compareMs: dayMs }),
    refreshMs,
  )
  const focusReturn = useFocusReturn()
  const sheet = answer?.summary.id === storeId ? answer : null
  const close = (): void => goTo(pageRoute('stores'))
  return (
    <Dialog.Root open modal={false} onOpenChange={(isOpen) => !isOpen && close()}>
      <Dialog.Content
        className="sheet"
        onOpenAutoFocus={(event) => {
          focusReturn.onOpenAutoFocus()
          // The sheet itself, not its button to close it, is what one came for.
          event.preventDefault()
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
        }}
        onCloseAutoFocus={focusReturn.onCloseAutoFocus}
        aria-describedby={undefined}
        onInteractOutside={(event) => event.preventDefault()}
        aria-busy={isOutdated}
      >
        <header className="sheet-header">
          <div className="sheet-names">
            <Dialog.Title className="sheet-title">{sheet?.summary.name ?? text.number(String(storeId))}</Dialog.Title>
            <p className="sheet-place">
              {[text.number(formats.count(storeId)), sheet?.summary.city].filter(Boolean).join(' · ')}
            </p>
          </div>
          <NotRefreshed fault={sheet === null ? null : fault} />
          <Dialog.Close className="button button-icon" aria-label={text.close}>
            <X size={15} strokeWidth={1.75} aria-hidden />
          </Dialog.Close>
        </header>
        {sheet === null && (fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />)}
        {sheet !== null && (
          <div className="sheet-body">
            <Selling sheet={sheet} />
            <StoreFacts sheet={sheet} range={words.ranges[range].long} />
            <StoreTrade sheet={sheet} span={now()} />
          </div>
        )}
      </Dialog.Content>
    </Dialog.Root>
  )
}
