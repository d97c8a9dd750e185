import { Tooltip } from 'radix-ui'
import type { ReactNode } from 'react'
import './hint.css'

interface HintProps {
  readonly text: string
  readonly shortcut?: string
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  /** One element that can take the focus. */
  readonly children: ReactNode
}

/** A few words on hover and focus. */
export function Hint({ text, shortcut, side = 'bottom', children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="hint" side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {shortcut !== undefined && <kbd className="hint-key">{shortcut}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

/** A word or figure that tells its formula and span on hover and focus. */
export function Term({ why, children }: { readonly why: string; readonly children: ReactNode }) {
  return (
    <Hint text={why}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its explanation must be reachable by keyboard */}
      <span className="term" tabIndex={0}>
        {children}
      </span>
    </Hint>
  )
}

export const HintProvider = Tooltip.Provider
