import { RotateCcw } from 'lucide-react'
import { useId } from 'react'
import type { SettingView } from '../../../core/protocol/views.ts'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { words } from '../../words.ts'
import { Switch } from './switch.tsx'

const text = words.settings

interface SettingFieldProps {
  readonly setting: SettingView
  /** What is in the field, unsaved or not. */
  readonly value: SettingView['value']
  readonly isEdited: boolean
  /** The rule it broke at the last save. */
  readonly message: string | null
  readonly isReadOnly: boolean
  readonly onChange: (value: SettingView['value']) => void
}

const sourceNotes: Readonly<Record<SettingView['source'], string | null>> = {
  default: null,
  profile: null,
  environment: text.fromEnvironment,
  flag: text.fromFlag,
}

interface ControlProps {
  readonly id: string
  readonly describedBy: string
  readonly field: SettingFieldProps
}

function Control({ id, describedBy, field }: ControlProps) {
  const { setting, value, message, isReadOnly, onChange } = field
  const shared = {
    id,
    'aria-describedby': describedBy,
    'aria-invalid': message !== null,
    disabled: isReadOnly,
  }
  if (setting.kind === 'boolean') return <Switch {...shared} isOn={value === true} onChange={onChange} />
  if (setting.kind === 'choice') {
    return (
      <select
        {...shared}
        className="setting-input"
        value={String(value)}
        onChange={({ target }) => onChange(target.value)}
      >
        {setting.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      {...shared}
      className="setting-input"
      value={String(value)}
      inputMode={setting.kind === 'number' ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  )
}

/** One setting: what it is for, its value, where that comes from, and the rule it breaks if it does. */
export function SettingField(field: SettingFieldProps) {
  const { setting, value, isEdited, message, isReadOnly, onChange } = field
  const id = useId()
  const note = sourceNotes[setting.source]
  const isChanged = String(value) !== String(setting.default)
  return (
    <li className={classNames('setting', isEdited && 'setting-edited')}>
      <div className="setting-words">
        <div className="setting-name">
          <label htmlFor={id}>
            <code>{setting.name}</code>
          </label>
          {isChanged && <span className="setting-changed">{text.changed}</span>}
        </div>
        <p className="setting-doc" id={`${id}-doc`}>
          {setting.doc}
          {isChanged && (
            <span className="setting-note"> · {text.defaultIs(String(setting.default) || words.none)}</span>
          )}
          {setting.needsRestart && <span className="setting-note"> · {text.restart}</span>}
          {note !== null && <span className="setting-note is-warn"> · {note}</span>}
        </p>
        {message !== null && (
          <p className="setting-message is-bad" id={`${id}-message`} role="alert">
            {message}
          </p>
        )}
      </div>
      <div className="setting-control">
        {isChanged && !isReadOnly && (
          <IconButton icon={RotateCcw} label={text.reset} onClick={() => onChange(setting.default)} />
        )}
        <Control id={id} describedBy={message === null ? `${id}-doc` : `${id}-message ${id}-doc`} field={field} />
      </div>
    </li>
  )
}
