import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './tokens.css'
import './base.css'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { noncePlaceholder } from '../core/protocol/bridge.ts'
import { ThemeContext } from './charts/theme-context.ts'
import { createPageModel } from './model.ts'
import { notifyOfAlerts } from './notifications.ts'
import { App } from './shell/app.tsx'
import { watchFocus } from './shell/shortcuts.ts'
import { desktop, openTransport } from './storepulse.ts'
import { followTheme } from './theme.ts'
import { allowEmptyHtml } from './trusted-types.ts'

allowEmptyHtml()
watchFocus()
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
if (nonce !== undefined && nonce !== noncePlaceholder) setNonce(nonce)

const model = createPageModel(openTransport)
const themeStore = followTheme(model.view, (theme) => desktop?.setTheme(theme))
notifyOfAlerts(model)
model.start()

const host = document.getElementById('app')
if (host !== null) {
  createRoot(host).render(
    <StrictMode>
      <ThemeContext value={themeStore}>
        <App model={model} />
      </ThemeContext>
    </StrictMode>,
  )
}
