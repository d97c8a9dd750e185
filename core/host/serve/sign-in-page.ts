/**
 * The page of who is not signed in: it redeems the token of a link and goes on to the pages.
 *
 * 1. The token is in the fragment: it is never part of a request line, and leaves the address bar at once.
 * 2. The script is a file of its own; pages that are signed in load it too, so that a link opened there (another role,
 *    a session about to end) is redeemed as well.
 * 3. Where another site led here, the browser has kept the cookie to itself (SameSite=Strict): the page asks once more,
 *    from here, before it says that nobody is signed in.
 */

export const signInScriptPath = '/sign-in.js'
export const signInStylePath = '/sign-in.css'
/** Where a token is exchanged for a cookie. */
export const sessionPath = '/session'

/** @param isFromElsewhere whether another site led to the page */
export const signInPage = (isFromElsewhere: boolean): string => `<!doctype html>
<html lang="en" data-from-elsewhere="${isFromElsewhere}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>Storepulse: sign in</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${signInStylePath}">
<script src="${signInScriptPath}" defer></script>
</head>
<body>
<main>
<h1>Store<span>pulse</span></h1>
<p id="message" role="status">Open the sign-in link that the terminal shows.</p>
<p id="hint">A link works once and for ten minutes. <code>storepulse link --role operate</code> makes another.</p>
</main>
</body>
</html>
`

export const signInStyle = `:root{--bg:#f4f6f9;--panel:#fff;--line:#dfe5ec;--text:#131a24;--dim:#4f5c6e;--accent:#1263cf}
@media (prefers-color-scheme:dark){:root{--bg:#0b0e13;--panel:#11161d;--line:#212a36;--text:#e6ebf2;--dim:#9dabbd;--accent:#5aa5ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--text);font:15px/1.5 Inter,system-ui,sans-serif}
main{max-width:30rem;margin:1.5rem;padding:1.5rem 1.75rem;background:var(--panel);border:1px solid var(--line);border-radius:9px}
h1{margin:0 0 .75rem;font-size:1.1rem;letter-spacing:-.01em}
h1 span{color:var(--accent)}
p{margin:.5rem 0 0}
#hint{color:var(--dim);font-size:.9em}
code{font:.95em ui-monospace,monospace;white-space:nowrap}
`

export const signInScript = `'use strict'
;(() => {
  const isSignInPage = document.documentElement.dataset.fromElsewhere !== undefined
  const say = (text) => {
    const message = document.getElementById('message')
    if (isSignInPage && message) message.textContent = text
  }
  const redeem = async (token) => {
    const answer = await fetch('${sessionPath}', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (answer.ok) location.replace('/')
    else if (answer.status === 429) say('There were too many tries; wait a minute, then reload this page with a new link.')
    else say('This link was used already, or is older than ten minutes.')
  }
  const takeToken = () => {
    const token = /^#token=([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1]
    if (token === undefined) return false
    history.replaceState(null, '', '/')
    redeem(token).catch(() => say('Storepulse does not answer; open the link again when it runs.'))
    return true
  }
  // A link that is opened in a tab which is here already changes nothing but the fragment.
  addEventListener('hashchange', takeToken)
  if (!takeToken() && document.documentElement.dataset.fromElsewhere === 'true') location.replace('/')
})()
`
