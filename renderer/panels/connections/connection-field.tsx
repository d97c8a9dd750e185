import { Eraser, Eye, EyeOff, RotateCcw } from 'lucide-react'
import { useId, useState } from 'react'
import type { ConnectionField } from '../../../core/protocol/cluster.ts'
import type { SettingView } from '../../../core/protocol/views.ts'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { words } from '../../words.ts'
import { Switch } from '../settings/switch.tsx'
import { ChooseFile } from './choose-file.tsx'
import { isPem } from './fields.ts'

const text = words.connections

interface ConnectionFieldProps {
  readonly field: ConnectionField
  /** What is in the field, unsaved or not; of a secret what is typed, undefined where nothing is. */
  readonly value: SettingView['value']
  readonly secret: string | null | undefined
  readonly isImported: boolean
  readonly isEdited: boolean
  /** The rule it broke at the last save. */
  readonly message: string | null
  readonly isReadOnly: boolean
  /** A keyring keeps what is typed. */
  readonly keepsSecrets: boolean
  readonly onChange: (value: SettingView['value']) => void
  readonly onSecret: (secret: string | null) => void
}

interface ControlProps {
  readonly id: string
  readonly describedBy: string
  readonly row: ConnectionFieldProps
}

function SecretControl({ id, describedBy, row }: ControlProps) {
  const { field, secret, isImported, message, isReadOnly, onSecret } = row
  const [isShown, setIsShown] = useState(false)
  const placeholder =
    secret === null
      ? text.secretForgotten
      : isImported
        ? text.secretImported
        : field.isSet
          ? text.secretSet
          : text.secretUnset
  const shared = {
    id,
    'aria-describedby': describedBy,
    'aria-invalid': message !== null,
    disabled: isReadOnly,
    placeholder,
    spellCheck: false,
    autoComplete: 'off',
    value: secret ?? '',
  }
  const isKept = field.isSet && field.source === 'profile' && secret === undefined
  return (
    <>
      {isKept && !isReadOnly && <IconButton icon={Eraser} label={text.secretForget} onClick={() => onSecret(null)} />}
      {isPem(field) ? (
        <>
          {!isReadOnly && <ChooseFile label={text.chooseFile} isIcon onText={onSecret} />}
          <textarea
            {...shared}
            rows={2}
            className="setting-input connection-pem connection-hidden"
            onChange={({ target }) => onSecret(target.value)}
          />
        </>
      ) : (
        <>
          {typeof secret === 'string' && (
            <IconButton
              icon={isShown ? EyeOff : Eye}
              label={isShown ? text.secretHide : text.secretReveal}
              aria-pressed={isShown}
              onClick={() => setIsShown(!isShown)}
            />
          )}
          <input
            {...shared}
            type={isShown ? 'text' : 'password'}
            className="setting-input connection-input"
            onChange={({ target }) => onSecret(target.value)}
          />
        </>
      )}
    </>
  )
}

/** Where no keyring is: whether it is set, and what sets it. */
function SecretVariable({ field }: { readonly field: ConnectionField }) {
  const [set, variable, or, file] = text.secretVariable(field.variable)
  return (
    <p className="connection-variable">
      <strong className={field.isSet ? 'is-good' : 'is-warn'}>{field.isSet ? text.isSet : text.isUnset}</strong>
      {!field.isSet && (
        <span>
          {set}
          <code>{variable}</code>
          {or}
          <code>{file}</code>
        </span>
      )}
    </p>
  )
}

function Control({ id, describedBy, row }: ControlProps) {
  const { field, value, message, isReadOnly, keepsSecrets, onChange } = row
  const shared = { id, 'aria-describedby': describedBy, 'aria-invalid': message !== null, disabled: isReadOnly }
  if (field.kind === 'secret') {
    return keepsSecrets && field.source !== 'environment' ? (
      <SecretControl id={id} describedBy={describedBy} row={row} />
    ) : (
      <SecretVariable field={field} />
    )
  }
  if (field.kind === 'boolean') return <Switch {...shared} isOn={value === true} onChange={onChange} />
  if (field.kind === 'choice') {
    return (
      <select
        {...shared}
        className="setting-input connection-input"
        value={String(value)}
        onChange={({ target }) => onChange(target.value)}
      >
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  if (isPem(field)) {
    return (
      <>
        {!isReadOnly && <ChooseFile label={text.chooseFile} isIcon onText={onChange} />}
        <textarea
          {...shared}
          rows={2}
          className="setting-input connection-pem"
          value={String(value)}
          placeholder={text.pemHint}
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => onChange(target.value)}
        />
      </>
    )
  }
  return (
    <input
      {...shared}
      className="setting-input connection-input"
      value={String(value)}
      inputMode={field.kind === 'number' ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  )
}

/** One setting of a connection: what it is for, its value, where that comes from, and the rule it breaks if it does. */
export function ConnectionFieldRow(row: ConnectionFieldProps) {
  const { field, isEdited, isReadOnly, keepsSecrets, message, value, onChange } = row
  const id = useId()
  const isForced = field.source === 'environment'
  const hasControl = field.kind !== 'secret' || (keepsSecrets && !isForced)
  const isChanged = field.kind !== 'secret' && String(value) !== String(field.default)
  const label = text.labelOf(field.name)
  return (
    <li className={classNames('setting', isEdited && 'setting-edited')}>
      <div className="setting-words">
        <p className="setting-name">
          {hasControl ? <label htmlFor={id}>{label}</label> : <span>{label}</span>}
          {isForced && <span className="setting-changed">{text.fromEnvironment}</span>}
        </p>
        <p className="setting-doc" id={`${id}-doc`} title={field.name}>
          {field.doc}
          {field.place !== null && <span className="setting-note"> · {text.leadsTo(field.place)}</span>}
          {isChanged && field.default !== '' && (
            <span className="setting-note"> · {text.defaultIs(String(field.default))}</span>
          )}
        </p>
        {message !== null && (
          <p className="setting-message is-bad" id={`${id}-message`} role="alert">
            {message}
          </p>
        )}
      </div>
      <div className="setting-control">
        {isChanged && !isReadOnly && !isForced && (
          <IconButton icon={RotateCcw} label={words.settings.reset} onClick={() => onChange(field.default)} />
        )}
        <Control
          id={id}
          describedBy={message === null ? `${id}-doc` : `${id}-message ${id}-doc`}
          row={isForced ? { ...row, isReadOnly: true } : row}
        />
      </div>
    </li>
  )
}
