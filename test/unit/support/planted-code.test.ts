import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { bundlePlanted } from '../../support/planted-code.ts'

const entries = { planted: 'core/base/duration.ts' }
const file = 'core/base/clock.ts'

it('changes what is bundled and leaves the source as it is', async () => {
  const planting = { file, find: 'Date.now()', replace: '42' }
  const folder = await bundlePlanted({ clock: file }, [planting])
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const bundle = pathToFileURL(join(folder, 'clock.mjs')).href
  const program = `import { systemClock } from '${bundle}'; console.log(systemClock.nowMs())`
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })).toBe('42\n')
})

it('fails where a change does not fit, fits twice, or is in no file of the bundle', async () => {
  await expect(bundlePlanted({ clock: file }, [{ file, find: 'no such text', replace: '' }])).rejects.toThrow('0 times')
  await expect(bundlePlanted({ clock: file }, [{ file, find: 'export', replace: '' }])).rejects.toThrow('not once')
  await expect(bundlePlanted(entries, [{ file, find: 'Date.now()', replace: '' }])).rejects.toThrow('no part of')
})
