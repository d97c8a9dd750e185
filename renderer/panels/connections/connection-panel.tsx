import { Activity, FileInput } from 'lucide-react'
import { useState } from 'react'
import type { ConnectionField, ConnectionView, ProfileView } from '../../../core/protocol/cluster.ts'
import { Button } from '../../ui/button.tsx'
import { Failed, Loading } from '../../ui/notice.tsx'
import { usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { SaveBar } from '../settings/save-bar.tsx'
import { CheckPanel } from './check-panel.tsx'
import { ConnectionFieldRow } from './connection-field.tsx'
import { arrangeFields, countEdits, type FormGroup, readText } from './fields.ts'
import { ImportDialog } from './import-dialog.tsx'
import { useCheck } from './use-check.ts'
import { type ConnectionForm, useConnectionForm } from './use-connection-form.ts'

const text = words.connections

interface GroupProps {
  readonly view: ConnectionView
  readonly form: ConnectionForm
  readonly group: FormGroup
}

function Group({ view, form, group }: GroupProps) {
  const { edits, messages } = form
  const row = (field: ConnectionField) => (
    <ConnectionFieldRow
      key={field.name}
      field={field}
      value={edits.values[field.name] ?? field.value}
      secret={edits.secrets[field.name]}
      isImported={edits.imported?.secrets.includes(field.name) ?? false}
      isEdited={field.name in edits.values || field.name in edits.secrets}
      message={messages[field.name] ?? null}
      isReadOnly={view.isLocked}
      keepsSecrets={view.cannotKeepSecrets === null}
      onChange={(value) => form.change(field, value)}
      onSecret={(secret) => form.changeSecret(field, secret)}
    />
  )
  const note = Object.entries(text.groupNotes).find(([name]) => name === group.group)?.[1]
  return (
    <section className="panel settings-group">
      <header className="panel-header">
        <h2 className="panel-title">{text.groups[group.group]}</h2>
        {note !== undefined && <div className="panel-aside">{note}</div>}
      </header>
      <ul>{group.fields.map(row)}</ul>
      {group.folded.length > 0 && (
        <details className="connection-more" open={group.folded.some(({ name }) => name in messages)}>
          <summary>{text.more(group.folded.length)}</summary>
          <ul>{group.folded.map(row)}</ul>
        </details>
      )}
    </section>
  )
}

function Form({ view, onSaved }: { readonly view: ConnectionView; readonly onSaved: () => void }) {
  const form = useConnectionForm(view, onSaved)
  const check = useCheck()
  const [isImporting, setIsImporting] = useState(false)
  const readsKafka = view.kind !== 'local'
  const hasServers = readsKafka || readText(view, form.edits, 'archive.target') !== 'none'
  return (
    <>
      <div className="connection-bar">
        <div className="connection-tools">
          {hasServers && (
            <Button icon={Activity} disabled={check.state === 'running'} onClick={() => void check.start(form.draft())}>
              {check.state === 'none' ? text.test : text.testAgain}
            </Button>
          )}
          {readsKafka && !view.isLocked && (
            <Button icon={FileInput} onClick={() => setIsImporting(true)}>
              {text.import}
            </Button>
          )}
        </div>
        {!view.isLocked && (
          <SaveBar
            editCount={countEdits(form.edits)}
            isBusy={form.isBusy}
            outcome={form.outcome}
            onSave={() => void form.save()}
            onDiscard={form.discard}
          />
        )}
      </div>
      <div className="connection-scroll">
        {check.state !== 'none' && <CheckPanel check={check} />}
        {!readsKafka && <p className="connection-note">{text.localOnly}</p>}
        {view.cannotKeepSecrets !== null && readsKafka && <p className="connection-note">{view.cannotKeepSecrets}</p>}
        {arrangeFields(view, form.edits).map((group) => (
          <Group key={group.group} view={view} form={form} group={group} />
        ))}
      </div>
      {isImporting && (
        <ImportDialog
          onClose={() => setIsImporting(false)}
          onUse={(properties, imported) => {
            form.take(properties, imported)
            setIsImporting(false)
          }}
        />
      )}
    </>
  )
}

/** What one profile is attached to. */
export function ConnectionPanel({ profile }: { readonly profile: ProfileView }) {
  const key = `${profile.name} ${profile.isLocked} ${profile.isCurrent}`
  const { answer, fault, reload } = usePoll('describeConnection', key, () => ({ profile: profile.name }), null)
  if (answer === null || answer.profile !== profile.name) {
    return (
      <section className="panel connection-empty">
        {fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />}
      </section>
    )
  }
  return <Form key={answer.profile} view={answer} onSaved={reload} />
}
