import { afterAll } from 'vitest'
import { createDiskStore } from '../../core/archive/disk/disk-store.ts'
import { openArchive } from '../../core/archive/open-archive.ts'
import { createParquetCodec } from '../../core/archive/parquet.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { promiseArchive } from './archive.promises.ts'

/** One for all: opening it takes longer than all else. */
const codec = createParquetCodec()
afterAll(() => codec.close())

promiseArchive('disk', async () => {
  const directory = makeTemporaryDirectory()
  const open = () => openArchive(createDiskStore({ directory }), codec)
  return { archive: open(), store: createDiskStore({ directory }), another: open }
})
