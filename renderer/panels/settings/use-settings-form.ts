import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { SettingView } from '../../../core/protocol/views.ts'
import { toCommandFault } from '../../bridge/fault.ts'
import type { SettingsState } from '../../stores/settings-store.ts'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { edit, type Edits, toSave } from './edits.ts'

/** The form over the settings: what is typed, what it broke, what became of the last save. */
export interface SettingsForm {
  readonly state: SettingsState
  readonly edits: Edits
  /** Rules broken at the last save, by name. */
  readonly messages: Readonly<Record<string, string>>
  readonly outcome: { readonly text: string; readonly isBad: boolean } | null
  readonly isBusy: boolean
  readonly change: (setting: SettingView, value: SettingView['value']) => void
  readonly save: () => Promise<void>
  readonly discard: () => void
  readonly reload: () => void
}

const text = words.settings

export function useSettingsForm(): SettingsForm {
  const { client, settings } = useModel()
  const state = useStore(settings)
  const [edits, setEdits] = useState<Edits>({})
  const [messages, setMessages] = useState<Readonly<Record<string, string>>>({})
  const [outcome, setOutcome] = useState<SettingsForm['outcome']>(null)
  const [isBusy, setIsBusy] = useState(false)

  // The first field that broke a rule, wherever the page is scrolled to.
  useEffect(() => {
    if (Object.keys(messages).length > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [messages])

  const finish = async (needsRestart: boolean): Promise<void> => {
    await settings.load()
    setEdits({})
    setMessages({})
    setOutcome({ text: needsRestart ? text.savedRestart : text.saved, isBad: false })
  }
  return {
    state,
    edits,
    messages,
    outcome,
    isBusy,
    change(setting, value) {
      setEdits((before) => edit(before, setting, value))
      setMessages(({ [setting.name]: _gone, ...others }) => others)
      setOutcome(null)
    },
    async save() {
      setIsBusy(true)
      try {
        const { saved, errors } = await client.request('saveSettings', { values: toSave(edits, state.settings) })
        const needsRestart = state.settings.some((setting) => setting.needsRestart && setting.name in edits)
        if (saved) await finish(needsRestart)
        else {
          setMessages(Object.fromEntries(errors.map(({ name, message }) => [name, message])))
          setOutcome({ text: text.refused(errors.length), isBad: true })
        }
      } catch (error) {
        setOutcome({ text: toCommandFault(error).message, isBad: true })
      } finally {
        setIsBusy(false)
      }
    },
    discard() {
      setEdits({})
      setMessages({})
      setOutcome(null)
    },
    reload: () => void settings.load(),
  }
}
