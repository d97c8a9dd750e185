import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { words } from '../words.ts'
import { classNames } from './class-names.ts'
import { useFocusReturn } from './use-focus-return.ts'
import './dialog.css'

interface DialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: string
  /** Said to screen readers and shown under the title. */
  readonly text?: ReactNode
  readonly size?: 'small' | 'large'
  /** Buttons at the foot. */
  readonly actions?: ReactNode
  readonly children?: ReactNode
}

/** A modal dialog: holds the focus, closes with Escape, gives the focus back. */
export function Dialog({ isOpen, onClose, title, text, size = 'small', actions, children }: DialogProps) {
  const focusReturn = useFocusReturn()
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-shade" />
        <Radix.Content
          className={classNames('dialog', `dialog-${size}`)}
          {...focusReturn}
          {...(text === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className="dialog-header">
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            <Radix.Close className="button button-icon dialog-close" aria-label={words.sheet.close}>
              <X size={15} strokeWidth={1.75} aria-hidden />
            </Radix.Close>
          </header>
          {text !== undefined && (
            <Radix.Description asChild>
              <div className="dialog-text">{text}</div>
            </Radix.Description>
          )}
          {children}
          {actions !== undefined && <footer className="dialog-actions">{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
