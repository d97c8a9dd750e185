import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import type { ThemeChoice } from '../../core/protocol/bridge.ts'
import { ranges } from '../stores/range.ts'
import type { ProfileView } from '../../core/protocol/cluster.ts'
import { asksTwice } from '../stores/profiles-store.ts'
import { type PageName, pageNames, pageRoute, profileRoute, storeRoute } from '../stores/route.ts'
import { isViewOnly } from '../stores/session-store.ts'
import { useModel, usePoll, useProfiles, useSession, useTrade, useView, useBoard } from '../use-model.ts'
import { useFocusReturn } from '../ui/use-focus-return.ts'
import { useSpan } from '../use-span.ts'
import { words } from '../words.ts'
import { goTo } from './use-route.ts'
import './palette.css'

const text = words.palette
const mostStores = 8

interface PaletteProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onHelp: () => void
}

interface EntryProps {
  readonly value: string
  readonly onRun: () => void
  readonly note?: string | undefined
  readonly children: ReactNode
}

function Entry({ value, onRun, note, children }: EntryProps) {
  return (
    <Command.Item value={value} className="palette-entry" onSelect={onRun}>
      {children}
      {note !== undefined && <kbd className="palette-note">{note}</kbd>}
    </Command.Item>
  )
}

/** Stores whose name, city or number holds what was typed: the host looks through all of them. */
function StoreEntries({ search, run }: { readonly search: string; readonly run: (action: () => void) => () => void }) {
  const { bounds } = useSpan()
  const filter = search.trim()
  const request = {
    ...bounds(),
    compareMs: 0,
    sort: 'revenue',
    descending: true,
    filter,
    offset: 0,
    limit: mostStores,
  } as const
  const { answer } = usePoll('stores', filter, filter === '' ? null : () => request, null)
  if (answer === null || filter === '') return null
  return (
    <Command.Group heading={text.stores}>
      {answer.rows.map(({ id, name, city }) => (
        <Entry key={id} value={`${name} ${city ?? ''} ${id} ${filter}`} onRun={run(() => goTo(storeRoute(id)))}>
          {name}
        </Entry>
      ))}
    </Command.Group>
  )
}

/** Everything that can be gone to or switched, by typing a part of its name. */
export function Palette({ isOpen, onClose, onHelp }: PaletteProps) {
  const { view, board, profiles } = useModel()
  const answer = useProfiles((state) => state.answer)
  const mayOnlyLook = useSession(isViewOnly)
  const isOpenable = ({ isCurrent, lacks }: ProfileView): boolean => !isCurrent && lacks.length === 0
  const openable =
    answer === null || answer.cannotSwitch !== null || mayOnlyLook ? [] : answer.profiles.filter(isOpenable)
  /** What asks for a second word is asked on its page. */
  const switchOrShow = async (profile: ProfileView): Promise<void> => {
    if (asksTwice(profile) || (await profiles.switchTo(profile, false)) !== null) goTo(profileRoute(profile.name))
  }
  const [search, setSearch] = useState('')
  const isCompared = useView((state) => state.compare)
  const hasYesterday = useTrade((trade) => trade.comparedHour !== null)
  const hasWeek = useTrade((trade) => trade.hasWeek)
  const isHeld = useBoard((state) => state.isHeld)
  const focusReturn = useFocusReturn()
  const close = (): void => {
    setSearch('')
    onClose()
  }
  const run = (action: () => void) => (): void => {
    close()
    action()
  }
  const pages: readonly PageName[] = [...pageNames, 'about']
  const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-shade" />
        <Dialog.Content className="palette" aria-describedby={undefined} {...focusReturn}>
          <Dialog.Title className="visually-hidden">{text.title}</Dialog.Title>
          <Command label={text.title} loop>
            <Command.Input
              className="palette-input"
              placeholder={text.placeholder}
              value={search}
              onValueChange={setSearch}
            />
            <Command.List className="palette-list">
              <Command.Empty className="palette-empty">{text.empty}</Command.Empty>
              <Command.Group heading={text.go}>
                {pages.map((page, index) => (
                  <Entry
                    key={page}
                    value={words.pages[page]}
                    note={index < pageNames.length ? String(index + 1) : undefined}
                    onRun={run(() => goTo(pageRoute(page)))}
                  >
                    {words.pages[page]}
                  </Entry>
                ))}
              </Command.Group>
              <StoreEntries search={search} run={run} />
              <Command.Group heading={text.view}>
                {ranges
                  .filter((range) => range !== '7d' || hasWeek)
                  .map((range) => (
                    <Entry
                      key={range}
                      value={text.range(words.ranges[range].long)}
                      onRun={run(() => view.setState({ range }))}
                    >
                      {text.range(words.ranges[range].long)}
                    </Entry>
                  ))}
                {hasYesterday && (
                  <Entry value={text.compareOn} note="C" onRun={run(() => view.setState({ compare: !isCompared }))}>
                    {isCompared ? text.compareOff : text.compareOn}
                  </Entry>
                )}
                <Entry value={words.frame.hold} note="Space" onRun={run(() => board.hold(!isHeld))}>
                  {isHeld ? words.frame.release : words.frame.hold}
                </Entry>
                {openable.map((profile) => (
                  <Entry
                    key={profile.name}
                    value={`${text.openProfile(profile.title)} ${profile.name}`}
                    onRun={run(() => void switchOrShow(profile))}
                  >
                    {text.openProfile(profile.title)}
                  </Entry>
                ))}
                {themes.map((theme) => (
                  <Entry
                    key={theme}
                    value={words.frame.theme(words.themes[theme])}
                    onRun={run(() => view.setState({ theme }))}
                  >
                    {words.frame.theme(words.themes[theme])}
                  </Entry>
                ))}
                <Entry value={text.keys} note="?" onRun={run(onHelp)}>
                  {text.keys}
                </Entry>
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
