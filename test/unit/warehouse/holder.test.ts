import { expect, it } from 'vitest'
import { type Duckdb, openDuckdb } from '../../../core/duckdb/connection.ts'
import { createHolder } from '../../../core/warehouse/duckdb/holder.ts'
import { faultOf } from '../../support/fault-of.ts'

const openInMemory = (): Promise<Duckdb> =>
  openDuckdb({ file: ':memory:', memoryLimitMb: 64, sessions: 5, reachesFiles: false, setUp: '', setUpSession: '' })

async function openHolder() {
  let opened = 1
  let refusals = 0
  const first = await openInMemory()
  const holder = createHolder(first, async () => {
    if (refusals > 0) {
      refusals -= 1
      throw new Error('the disk is still full')
    }
    opened += 1
    return await openInMemory()
  })
  const fail = (message: string) => faultOf(holder.write('it failed', () => Promise.reject(new Error(message))))
  const ask = () => holder.read('it failed', (session) => session.read('SELECT 1', [], (row) => row.number(0)))
  return {
    holder,
    fail,
    ask,
    countOpened: () => opened,
    refuseOnce: () => {
      refusals = 1
    },
  }
}

const full = 'FATAL Error: Failed to create checkpoint because of error: Could not write file: No space left on device'

it('goes on with the same instance after an ordinary error', async () => {
  const { ask, countOpened, fail, holder } = await openHolder()
  expect(await fail('Constraint Error: Duplicate key')).toMatchObject({ code: 'internal' })
  expect(await ask()).toEqual([1])
  expect(countOpened()).toBe(1)
  await holder.close()
})

it('opens the file anew when a full disk has cost the instance', async () => {
  const { ask, countOpened, fail, holder } = await openHolder()
  expect(await fail(full)).toMatchObject({ code: 'disk-full', retry: true })
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([[1], [1], [1]])
  expect(countOpened()).toBe(2)
  await holder.close()
})

it('tries to open it again as long as that fails', async () => {
  const { ask, countOpened, fail, holder, refuseOnce } = await openHolder()
  await fail(full)
  refuseOnce()
  await expect(ask()).rejects.toThrow('still full')
  expect(await ask()).toEqual([1])
  expect(countOpened()).toBe(2)
  await holder.close()
})

it('says from then on that the warehouse is damaged', async () => {
  const { ask, fail, holder } = await openHolder()
  expect(await fail('FATAL Error: something broke')).toMatchObject({ code: 'warehouse-damaged' })
  expect(await faultOf(ask())).toMatchObject({
    code: 'warehouse-damaged',
    message: 'it failed: FATAL Error: something broke',
  })
  await holder.close()
})

it('takes no more work once it is closed', async () => {
  const { ask, holder } = await openHolder()
  const asked = [ask(), ask()]
  await holder.close()
  await holder.close()
  for (const one of asked) await one.catch((error: unknown) => expect(String(error)).toContain('closed'))
  expect(await faultOf(ask())).toMatchObject({ code: 'internal', message: 'the warehouse is closed' })
})
