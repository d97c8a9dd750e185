import { onTestFinished } from 'vitest'
import { createDiskStore } from '../../core/archive/disk/disk-store.ts'
import { openArchive } from '../../core/archive/open-archive.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { promiseArchive } from './archive.promises.ts'

promiseArchive('disk', async () => {
  const directory = makeTemporaryDirectory()
  const open = () => {
    const archive = openArchive(createDiskStore({ directory }))
    onTestFinished(() => archive.close())
    return archive
  }
  return { archive: open(), store: createDiskStore({ directory }), another: open }
})
