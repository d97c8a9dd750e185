import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { findDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings, type SettingInputs } from '../../../core/settings/settings.ts'
import { environmentName, settingTable } from '../../../core/settings/table.ts'

const resolve = (more: Partial<SettingInputs> = {}) =>
  resolveSettings({ profile: {}, environment: {}, flags: [], ...more })

function refusal(more: Partial<SettingInputs>): string {
  try {
    resolve(more)
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
  return 'accepted'
}

it('has a default for every setting that keeps its own rule', () => {
  for (const { name, schema, default: value } of settingTable) {
    expect([name, schema.safeParse(value).success]).toEqual([name, true])
  }
})

it('lets a flag win over the environment, that over the profile, and that over the default', () => {
  const profile = { window: { latenessMs: 1 } }
  const environment = { STOREPULSE_WINDOW_LATENESS_MS: '2' }
  const read = (more: Partial<SettingInputs>) => [
    resolve(more).number('window.latenessMs'),
    resolve(more).source('window.latenessMs'),
  ]
  expect(read({})).toEqual([600_000, 'default'])
  expect(read({ profile })).toEqual([1, 'profile'])
  expect(read({ profile, environment })).toEqual([2, 'environment'])
  expect(read({ profile, environment, flags: ['window.latenessMs=3'] })).toEqual([3, 'flag'])
})

it('names the environment variable of a setting', () => {
  expect(environmentName('window.sizeMs')).toBe('STOREPULSE_WINDOW_SIZE_MS')
  expect(environmentName('generator.rates.customer-events')).toBe('STOREPULSE_GENERATOR_RATES_CUSTOMER_EVENTS')
  expect(new Set(settingTable.map(({ name }) => environmentName(name))).size).toBe(settingTable.length)
})

it.each([
  [{ flags: ['window.latenessMs=-1'] }, '/window/latenessMs must be at least 0'],
  [{ flags: ['window.latenessMs=1.5'] }, '/window/latenessMs must be a whole number'],
  [{ flags: ['window.latenessMs=soon'] }, '/window/latenessMs must be a number'],
  [{ flags: ['window.latenessMs='] }, '/window/latenessMs must be a number'],
  [{ flags: ['window.rows=some'] }, '/window/rows must be one of live, final'],
  [{ flags: ['generator.enabled=yes'] }, '/generator/enabled must be true or false'],
  [{ flags: ['generator.disorder.late=2'] }, '/generator/disorder/late must be at most 1'],
  [{ flags: ['events.zone=Mars/Base'] }, '/events/zone must be an IANA time zone such as Europe/Oslo'],
  [{ flags: ['no.such=1'] }, '/no/such is not a setting'],
  [{ flags: ['nonsense'] }, '--set takes name=value, not "nonsense"'],
  [{ environment: { STOREPULSE_LOG_PARTITIONS: '0' } }, '/log/partitions must be at least 1'],
  [{ profile: { window: { sizeMs: '60000' } } }, '/window/sizeMs must be a number'],
  [{ profile: { window: { size: 1 } } }, '/window/size is not a setting'],
])('refuses %j by path and rule', (more, message) => {
  expect(refusal(more)).toBe(message)
})

it('finds the data directory of each platform, and an explicit one first', () => {
  expect(findDataDirectory({ STOREPULSE_HOME: '/here', HOME: '/home/a' }, 'linux')).toBe('/here')
  expect(findDataDirectory({ HOME: '/home/a' }, 'linux')).toBe('/home/a/.local/share/storepulse')
  expect(findDataDirectory({ HOME: '/home/a', XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/storepulse')
  expect(findDataDirectory({ HOME: '/Users/a' }, 'darwin')).toBe('/Users/a/Library/Application Support/Storepulse')
})
