import { useFormats } from '../use-model.ts'
import { words } from '../words.ts'
import { classNames } from './class-names.ts'

interface ChangeProps {
  readonly value: number
  readonly compared: number | null
  /** More is worse. */
  readonly isInverse?: boolean
}

/** How far a figure lies above or below the compared one: sign, number and colour; a dash where there is nothing to compare. */
export function Change({ value, compared, isInverse = false }: ChangeProps) {
  const text = useFormats().change(value, compared)
  if (text === null || compared === null) return <span className="is-faint">{words.none}</span>
  const isUp = value > compared
  const isEven = Math.abs(value / compared - 1) < 0.0005
  return <span className={classNames(!isEven && (isUp === isInverse ? 'is-bad' : 'is-good'))}>{text}</span>
}
