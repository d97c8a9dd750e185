import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { isInstanceLost, toDuckdbFault } from '../../../core/duckdb/fault.ts'

it.each([
  [
    'TransactionContext Error: Failed to commit: Could not write file "/d/w.db.wal": No space left on device',
    'disk-full',
    true,
  ],
  [
    'FATAL Error: Failed to create checkpoint because of error: Could not write file "/d/w.db": No space left on device',
    'disk-full',
    true,
  ],
  [
    'IO Error: Could not set lock on file "/d/w.db": Conflicting lock is held in /usr/bin/node (PID 42).',
    'owned',
    false,
  ],
  [
    'TransactionContext Error: Failed to commit: Cannot open file "/d/w.db.wal": Too many open files',
    'data-directory',
    true,
  ],
  ['FATAL Error: Failed to create checkpoint because of error: Too many open files', 'data-directory', true],
  ['IO Error: Cannot open file "/d/w.db": Permission denied', 'read-only', true],
  ['IO Error: Cannot open file "/d/w.db": Read-only file system', 'read-only', true],
  ['IO Error: Cannot open file "/d/w.db": No such file or directory', 'data-directory', false],
  ['IO Error: The file "/d/w.db" exists, but it is not a valid DuckDB database file!', 'warehouse-damaged', false],
  ['IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2', 'warehouse-damaged', false],
  ['FATAL Error: Failed: database has been invalidated because of a previous fatal error.', 'warehouse-damaged', false],
  ['INTERNAL Error: Attempted to access index 0 within vector of size 0', 'warehouse-damaged', false],
  [
    'IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 68.',
    'warehouse-newer',
    false,
  ],
  ['Out of Memory Error: failed to pin block of size 256.0 KiB', 'internal', true],
  ['Constraint Error: Duplicate key "epoch: 1" violates primary key constraint.', 'internal', false],
])('takes "%s" for %s', (message, code, retry) => {
  const fault = toDuckdbFault(new Error(message), 'the epoch could not be committed')
  expect(fault).toMatchObject({ code, retry })
  expect(fault.message).toContain('the epoch could not be committed: ')
})

it('puts a message of several lines on one', () => {
  const error = new Error('Out of Memory Error: no more\n\nPossible solutions:\n* less\n')
  expect(toDuckdbFault(error, 'failed').message).toBe('failed: Out of Memory Error: no more')
})

it('passes faults and keeps the meaning of system errors', () => {
  const fault = new Fault('fenced', 'fenced')
  expect(toDuckdbFault(fault, 'x')).toBe(fault)
  const error = Object.assign(new Error('mkdir'), { code: 'EROFS' })
  expect(toDuckdbFault(error, 'x')).toMatchObject({ code: 'read-only', retry: true })
})

it('knows when an instance is lost', () => {
  expect(isInstanceLost(new Error('FATAL Error: Failed to create checkpoint'))).toBe(true)
  expect(isInstanceLost(new Error('IO Error: Could not write file'))).toBe(false)
})
