import { useEffect, useState } from 'react'
import type {
  ConnectionDraft,
  ConnectionField,
  ConnectionView,
  ImportedProperties,
} from '../../../core/protocol/cluster.ts'
import type { SettingView } from '../../../core/protocol/views.ts'
import { toCommandFault } from '../../bridge/fault.ts'
import { useModel, useProfiles } from '../../use-model.ts'
import { words } from '../../words.ts'
import { type ConnectionEdits, editSecret, editValue, noEdits, readValues } from './fields.ts'

/** The form over one profile's connection: what is typed, what it broke, what became of the last save. */
export interface ConnectionForm {
  readonly edits: ConnectionEdits
  /** Rules broken at the last save, by name. */
  readonly messages: Readonly<Record<string, string>>
  readonly outcome: { readonly text: string; readonly isBad: boolean } | null
  readonly isBusy: boolean
  readonly change: (field: ConnectionField, value: SettingView['value']) => void
  readonly changeSecret: (field: ConnectionField, secret: string | null) => void
  /** Takes what a client.properties file says into the form. */
  readonly take: (text: string, imported: ImportedProperties) => void
  readonly save: () => Promise<void>
  readonly discard: () => void
  readonly draft: () => ConnectionDraft
}

const text = words.connections

/** @param onSaved asks for what is saved anew */
export function useConnectionForm(view: ConnectionView, onSaved: () => void): ConnectionForm {
  const { client, profiles } = useModel()
  const canReopen = useProfiles(({ answer }) => answer?.cannotSwitch === null)
  const [edits, setEdits] = useState<ConnectionEdits>(noEdits)
  const [messages, setMessages] = useState<Readonly<Record<string, string>>>({})
  const [outcome, setOutcome] = useState<ConnectionForm['outcome']>(null)
  const [isBusy, setIsBusy] = useState(false)

  // The first field that broke a rule, wherever the page is scrolled to.
  useEffect(() => {
    if (Object.keys(messages).length > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [messages])

  const draft = (): ConnectionDraft => ({
    profile: view.profile,
    values: readValues(view, edits),
    secrets: edits.secrets,
    properties: edits.imported?.text ?? null,
  })
  const forget = (name: string): void => {
    setMessages(({ [name]: _gone, ...others }) => others)
    setOutcome(null)
  }
  const finish = async (): Promise<void> => {
    onSaved()
    await profiles.load()
    setEdits(noEdits)
    setMessages({})
    const how = view.isCurrent ? (canReopen ? text.savedCurrent : text.savedNextStart) : text.saved
    setOutcome({ text: how, isBad: false })
  }
  return {
    edits,
    messages,
    outcome,
    isBusy,
    draft,
    change(field, value) {
      setEdits((before) => editValue(before, field, value))
      forget(field.name)
    },
    changeSecret(field, secret) {
      setEdits((before) => editSecret(before, field.name, secret))
      forget(field.name)
    },
    take(properties, imported) {
      setEdits((before) => {
        const found = Object.entries(imported.values).reduce((edited, [name, value]) => {
          const field = view.fields.find((known) => known.name === name)
          return field ? editValue(edited, field, value) : edited
        }, before)
        const secrets = imported.secrets.filter((name) => view.fields.some((field) => field.name === name))
        return { ...found, imported: secrets.length > 0 ? { text: properties, secrets } : null }
      })
      setMessages({})
      setOutcome(null)
    },
    async save() {
      setIsBusy(true)
      try {
        const { errors, saved } = await client.request('saveConnection', draft())
        if (saved) await finish()
        else {
          setMessages(Object.fromEntries(errors.map(({ name, message }) => [name, message])))
          setOutcome({ text: text.refused(errors.length), isBad: true })
        }
      } catch (error) {
        const { hint, message } = toCommandFault(error)
        setOutcome({ text: [message, hint].filter(Boolean).join('; '), isBad: true })
      } finally {
        setIsBusy(false)
      }
    },
    discard() {
      setEdits(noEdits)
      setMessages({})
      setOutcome(null)
    },
  }
}
