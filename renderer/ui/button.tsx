import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { Hint } from './hint.tsx'
import './button.css'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon?: LucideIcon
  readonly look?: 'plain' | 'primary' | 'danger'
  readonly children: ReactNode
}

export function Button({ icon: Icon, look = 'plain', className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classNames('button', `button-${look}`, className)} {...rest}>
      {Icon && <Icon size={14} strokeWidth={1.75} aria-hidden />}
      {children}
    </button>
  )
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon
  /** What it does; shown as a hint. */
  readonly label: string
  /** The key that does the same. */
  readonly shortcut?: string
}

/** A button with an icon alone, named by its hint. */
export function IconButton({ icon: Icon, label, shortcut, className, ...rest }: IconButtonProps) {
  return (
    <Hint text={label} {...(shortcut === undefined ? {} : { shortcut })}>
      <button type="button" className={classNames('button', 'button-icon', className)} aria-label={label} {...rest}>
        <Icon size={15} strokeWidth={1.75} aria-hidden />
      </button>
    </Hint>
  )
}
