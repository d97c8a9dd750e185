import { useId, useState } from 'react'
import type { ImportedProperties } from '../../../core/protocol/cluster.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { ChooseFile } from './choose-file.tsx'

const text = words.connections

interface ImportDialogProps {
  readonly onUse: (properties: string, imported: ImportedProperties) => void
  readonly onClose: () => void
}

function Found({ imported }: { readonly imported: ImportedProperties }) {
  const values = Object.keys(imported.values).length
  const secrets = imported.secrets.length
  return (
    <div className="import-found">
      <p role="status">{values + secrets === 0 ? text.importNothing : text.importFound(values, secrets)}</p>
      {imported.ignored.length > 0 && (
        <>
          <h3 className="import-heading">{text.importIgnored}</h3>
          <ul className="import-ignored">
            {imported.ignored.map(({ key, why }) => (
              <li key={key}>
                <code>{key}</code> <span>{why}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** Reads the client.properties of a Kafka client into the form. */
export function ImportDialog({ onUse, onClose }: ImportDialogProps) {
  const { client } = useModel()
  const id = useId()
  const [properties, setProperties] = useState('')
  const [imported, setImported] = useState<ImportedProperties | null>(null)
  const [fault, setFault] = useState<CommandFault | null>(null)
  const read = async (content: string): Promise<void> => {
    setProperties(content)
    try {
      setImported(await client.request('importClientProperties', { text: content }))
      setFault(null)
    } catch (error) {
      setFault(toCommandFault(error))
    }
  }
  const isUseful = imported !== null && Object.keys(imported.values).length + imported.secrets.length > 0
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="large"
      title={text.importTitle}
      text={text.importText}
      actions={
        <>
          <ChooseFile label={text.importFile} onText={(content) => void read(content)} />
          <Button onClick={onClose}>{text.cancel}</Button>
          {isUseful ? (
            <Button look="primary" onClick={() => onUse(properties, imported)}>
              {text.importUse}
            </Button>
          ) : (
            <Button look="primary" disabled={properties.trim() === ''} onClick={() => void read(properties)}>
              {text.importRead}
            </Button>
          )}
        </>
      }
    >
      <label className="import-label" htmlFor={id}>
        {text.importPaste}
      </label>
      <textarea
        id={id}
        className="setting-input import-text"
        rows={9}
        spellCheck={false}
        autoComplete="off"
        placeholder={'bootstrap.servers=broker.example:9093\nsecurity.protocol=SASL_SSL'}
        value={properties}
        onChange={({ target }) => {
          setProperties(target.value)
          setImported(null)
        }}
      />
      {imported !== null && <Found imported={imported} />}
      {fault !== null && (
        <p className="dialog-fault is-bad" role="alert">
          {fault.message}
        </p>
      )}
    </Dialog>
  )
}
