import { Search, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { AuditPanel } from '../panels/audit/audit-panel.tsx'
import { findSettings, groupSettings } from '../panels/settings/edits.ts'
import { SaveBar } from '../panels/settings/save-bar.tsx'
import { ScreenSettings } from '../panels/settings/screen-settings.tsx'
import { SettingField } from '../panels/settings/setting-field.tsx'
import { type SettingsForm, useSettingsForm } from '../panels/settings/use-settings-form.ts'
import { isViewOnly } from '../stores/session-store.ts'
import { Empty, Failed, Loading } from '../ui/notice.tsx'
import { useCurrentProfile, useSession } from '../use-model.ts'
import { words } from '../words.ts'
import '../ui/field.css'
import '../panels/settings/settings.css'
import './settings.css'

const text = words.settings

function Groups({ form, search }: { readonly form: SettingsForm; readonly search: string }) {
  const isLocked = useCurrentProfile()?.isLocked === true
  const isReadOnly = useSession(isViewOnly) || isLocked
  const { state, edits, messages } = form
  const found = findSettings(state.settings, search)
  if (state.settings.length === 0) {
    return state.fault === null ? <Loading /> : <Failed fault={state.fault} onRetry={form.reload} />
  }
  if (found.length === 0) return <Empty icon={SlidersHorizontal} text={text.noMatch(search)} next={text.noMatchNext} />
  return [...groupSettings(found)].map(([section, settings]) => (
    <section key={section} className="panel settings-group">
      <header className="panel-header">
        <h2 className="panel-title">{text.sectionOf(section)}</h2>
      </header>
      <ul>
        {settings.map((setting) => (
          <SettingField
            key={setting.name}
            setting={setting}
            value={edits[setting.name] ?? setting.value}
            isEdited={setting.name in edits}
            message={messages[setting.name] ?? null}
            isReadOnly={isReadOnly || setting.source === 'environment' || setting.source === 'flag'}
            onChange={(value) => form.change(setting, value)}
          />
        ))}
      </ul>
    </section>
  ))
}

/** Every setting of the engine, made from its own table, and those of this screen. */
export function SettingsPage() {
  const form = useSettingsForm()
  const isLocked = useCurrentProfile()?.isLocked === true
  const isReadOnly = useSession(isViewOnly) || isLocked
  const [search, setSearch] = useState('')
  return (
    <div className="settings">
      <div className="settings-bar">
        <div className="field field-search">
          <Search size={14} strokeWidth={1.75} aria-hidden />
          <input
            data-filter
            aria-label={text.search}
            placeholder={text.search}
            value={search}
            spellCheck={false}
            autoComplete="off"
            onChange={({ target }) => setSearch(target.value)}
            onKeyDown={({ key, currentTarget }) => {
              if (key !== 'Escape') return
              setSearch('')
              currentTarget.blur()
            }}
          />
          <kbd className="field-key" aria-hidden>
            /
          </kbd>
        </div>
        {isLocked && <p className="settings-locked">{words.profile.lockedSettings}</p>}
        {!isReadOnly && (
          <SaveBar
            editCount={Object.keys(form.edits).length}
            isBusy={form.isBusy}
            outcome={form.outcome}
            onSave={() => void form.save()}
            onDiscard={form.discard}
          />
        )}
      </div>
      <div className="settings-list">
        {search === '' && <ScreenSettings />}
        <Groups form={form} search={search} />
        {search === '' && <AuditPanel />}
        <footer className="settings-foot">
          {form.state.file !== '' && <p>{text.file(form.state.file)}</p>}
          <a className="link" href="#/about">
            {text.about}
          </a>
        </footer>
      </div>
    </div>
  )
}
