import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { ask } from '../support/http-client.ts'
import { startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const noDisplay = { DISPLAY: '', WAYLAND_DISPLAY: '' }

it('serves, and says why, where there is no display', async () => {
  const { finished, process: started } = startStorepulse(['start', '--set', 'serve.port=0'], {
    home: makeTemporaryDirectory(),
    environment: noDisplay,
  })
  onTestFinished(() => void started.kill('SIGKILL'))
  const [link] = started.stdout ? await once(started.stdout, 'data') : []
  const port = Number(new URL(String(link).trim()).port)
  expect((await ask(port, '/healthz')).status).toBe(200)
  started.kill('SIGTERM')
  const { code, stderr, stdout } = await finished
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/^storepulse: no window: there is no display here .*; serving the pages instead$/m)
})

it('says nothing of a window where pages are asked for', async () => {
  const { finished, process: started } = startStorepulse(['start', '--shell', 'serve', '--set', 'serve.port=0'], {
    home: makeTemporaryDirectory(),
    environment: noDisplay,
  })
  onTestFinished(() => void started.kill('SIGKILL'))
  if (started.stdout) await once(started.stdout, 'data')
  started.kill('SIGTERM')
  expect((await finished).stderr).not.toContain('window')
})
