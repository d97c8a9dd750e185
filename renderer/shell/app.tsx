import {
  Fragment,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { Model } from '../model.ts'
import { useStore } from 'zustand'
import { About } from '../pages/about.tsx'
import { Connections } from '../pages/connections.tsx'
import { Overview } from '../pages/overview.tsx'
import { Pipeline } from '../pages/pipeline.tsx'
import { Quality } from '../pages/quality.tsx'
import { SettingsPage } from '../pages/settings.tsx'
import { Stores } from '../pages/stores.tsx'
import type { PageName, Route } from '../stores/route.ts'
import { desktop } from '../storepulse.ts'
import { ProfileStrip } from '../panels/profile-switcher/profile-strip.tsx'
import { HintProvider } from '../ui/hint.tsx'
import { FormatsContext, ModelContext, useCurrentFormats } from '../use-model.ts'
import { words } from '../words.ts'
import { KeysHelp } from './keys-help.tsx'
import { NoticeBar } from './notice-bar.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { Toasts } from './toasts.tsx'
import { TopBar } from './top-bar.tsx'
import { useKeys } from './use-keys.ts'
import { goTo, useRoute } from './use-route.ts'
import './app.css'

const hintAfterMs = 350

const pages: Readonly<Record<PageName, (route: Route) => ReactElement>> = {
  overview: () => <Overview />,
  stores: ({ storeId }) => <Stores storeId={storeId} />,
  quality: ({ record }) => <Quality record={record} />,
  pipeline: () => <Pipeline />,
  connections: ({ profile }) => <Connections profile={profile} />,
  settings: () => <SettingsPage />,
  about: () => <About />,
}

/** Titles the window for the page, and puts the focus at its beginning when it changes. */
function usePageTitle(page: Route['page']): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(page)
  // Before anything on the page takes the focus for itself.
  useLayoutEffect(() => {
    document.title = `${words.pages[page]} · ${words.product}`
    if (shown.current === page) return
    shown.current = page
    main.current?.focus()
  }, [page])
  return main
}

/** The frame around the pages. */
export function App({ model }: { readonly model: Model }) {
  const formats = useCurrentFormats(model)
  const route = useRoute(model.view)
  const main = usePageTitle(route.page)
  const generation = useStore(model.session, (session) => session.generation)
  const [layer, setLayer] = useState<'none' | 'palette' | 'help'>('none')
  const targets = useMemo(() => ({ openPalette: () => setLayer('palette'), openHelp: () => setLayer('help') }), [])
  const close = (): void => setLayer('none')
  useKeys(model, targets, route.page)
  useEffect(() => desktop?.onOpenRoute(goTo), [])
  return (
    <ModelContext value={model}>
      <FormatsContext value={formats}>
        <HintProvider delayDuration={hintAfterMs}>
          <a
            className="skip"
            href="#page"
            onClick={(event) => {
              event.preventDefault()
              main.current?.focus()
            }}
          >
            {words.frame.skip}
          </a>
          <ProfileStrip />
          <Rail page={route.page} />
          <TopBar onPalette={targets.openPalette} />
          <main id="page" ref={main} className={`page page-${route.page}`} tabIndex={-1}>
            <h1 className="visually-hidden">{words.pages[route.page]}</h1>
            {/* What a page has asked of one profile is no answer of another's. */}
            <Fragment key={generation}>{pages[route.page](route)}</Fragment>
          </main>
          <NoticeBar />
          <Toasts key={`toasts-${generation}`} />
          <Palette
            key={`palette-${generation}`}
            isOpen={layer === 'palette'}
            onClose={close}
            onHelp={targets.openHelp}
          />
          <KeysHelp isOpen={layer === 'help'} onClose={close} />
        </HintProvider>
      </FormatsContext>
    </ModelContext>
  )
}
