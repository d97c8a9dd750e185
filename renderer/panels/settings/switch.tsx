import { Switch as Radix } from 'radix-ui'
import { words } from '../../words.ts'

interface SwitchProps {
  readonly id: string
  readonly isOn: boolean
  readonly disabled?: boolean
  readonly onChange: (isOn: boolean) => void
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: boolean
}

/** On or off, by place, colour and word. */
export function Switch({ isOn, onChange, ...rest }: SwitchProps) {
  return (
    <span className="switch-field">
      <span className="switch-word" aria-hidden>
        {isOn ? words.settings.on : words.settings.off}
      </span>
      <Radix.Root className="switch" checked={isOn} onCheckedChange={onChange} {...rest}>
        <Radix.Thumb className="switch-thumb" />
      </Radix.Root>
    </span>
  )
}
