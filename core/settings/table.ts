import { clusterSettings } from './cluster-settings.ts'
import {
  booleanSetting,
  choiceSetting,
  numberSetting,
  type SettingEntry,
  shareSetting,
  textSetting,
  zoneSetting,
} from './entries.ts'

export type { SettingEntry, SettingValue } from './entries.ts'

/** Every setting, in the order of the documentation. The only list of settings there is. */
export const settingTable: readonly SettingEntry[] = [
  booleanSetting('generator.enabled', true, 'whether the built-in generator makes events'),
  numberSetting(
    'generator.rate',
    3,
    { min: 0, max: 50_000, integer: false },
    'events per second over all topics; 0 stops it',
  ),
  numberSetting('generator.stores', 10, { min: 1, max: 100_000 }, 'number of stores'),
  numberSetting('generator.seed', 1, { min: 0 }, 'seed of the retail world; same settings, same events'),
  choiceSetting('generator.shape', ['flat', 'day'], 'whether the rate holds at every moment or follows the day'),
  numberSetting(
    'generator.rates.retail-transactions',
    -1,
    { min: -1, max: 50_000, integer: false },
    'events per second on retail-transactions; -1 takes a third of generator.rate',
  ),
  numberSetting(
    'generator.rates.customer-events',
    -1,
    { min: -1, max: 50_000, integer: false },
    'events per second on customer-events; -1 takes a third of generator.rate',
  ),
  numberSetting(
    'generator.rates.inventory-updates',
    -1,
    { min: -1, max: 50_000, integer: false },
    'events per second on inventory-updates; -1 takes a third of generator.rate',
  ),
  shareSetting('generator.disorder.late', 'share of events sent late'),
  shareSetting('generator.disorder.duplicate', 'share of events sent a second time'),
  shareSetting('generator.disorder.invalid', 'share of records that are no valid event'),
  numberSetting('generator.disorder.silentStore', 0, { min: 0 }, 'store that falls silent now and then; 0 = none'),
  numberSetting('generator.disorder.silentForMs', 300_000, { min: 0 }, 'how long it is silent'),
  numberSetting('generator.disorder.silentEveryMs', 900_000, { min: 1 }, 'how often it falls silent'),
  numberSetting('generator.disorder.skewedStore', 0, { min: 0 }, 'store whose clock is off; 0 = none'),
  numberSetting('generator.disorder.skewMs', 0, { min: -86_400_000, max: 86_400_000 }, 'how far its clock is off'),
  numberSetting(
    'generator.disorder.burstEveryMs',
    0,
    { min: 0 },
    'events are held back and sent at once this often; 0 = never',
  ),
  numberSetting('events.futureMs', 300_000, { min: 0 }, 'how far an event time may lie in the future'),
  zoneSetting('events.zone', 'zone in which times without a zone are read'),
  numberSetting('window.sizeMs', 60_000, { min: 1_000, max: 86_400_000 }, 'size of the tumbling window'),
  numberSetting(
    'window.latenessMs',
    600_000,
    { min: 0, max: 604_800_000 },
    'how far the watermark stays behind the newest event',
  ),
  numberSetting(
    'window.idleMs',
    60_000,
    { min: 0 },
    'quiet time after which due windows close by the wall clock; 0 = never',
  ),
  choiceSetting('window.rows', ['live', 'final'], 'whether provisional rows are written to the user’s table too'),
  choiceSetting('engine.duplicates', ['drop', 'count'], 'whether a repeated id is dropped or counted again'),
  numberSetting(
    'engine.maxIds',
    4_000_000,
    { min: 1_000, max: 30_000_000 },
    'most ids remembered for finding duplicates, each in at most 48 bytes of memory: 192 MB for the default',
  ),
  numberSetting(
    'pipeline.epochMs',
    100,
    { min: 5, max: 10_000 },
    'longest time between two commits while records come in',
  ),
  numberSetting('pipeline.epochRecords', 20_000, { min: 1, max: 200_000 }, 'most records in one commit'),
  numberSetting('pipeline.snapshotMs', 10_000, { min: 100 }, 'shortest time between two recovery snapshots'),
  numberSetting('log.partitions', 4, { min: 1, max: 64 }, 'partitions per topic of a new local log'),
  numberSetting(
    'log.segmentBytes',
    67_108_864,
    { min: 1_048_576, max: 1_073_741_824 },
    'size at which a segment file is closed',
  ),
  numberSetting('log.retentionBytes', 8_589_934_592, { min: 0 }, 'most bytes the local log keeps; 0 = no bound'),
  numberSetting(
    'log.retentionMs',
    691_200_000,
    { min: 0 },
    'oldest record the local log keeps, as an age; 0 = no bound',
  ),
  numberSetting('warehouse.retentionDays', 400, { min: 0 }, 'days of windows kept; 0 = for ever'),
  numberSetting('warehouse.lateRows', 100_000, { min: 0 }, 'most rows in the late ledger, oldest out'),
  numberSetting('warehouse.quarantineRows', 100_000, { min: 0 }, 'most rows in quarantine, oldest out'),
  numberSetting('warehouse.memoryMb', 96, { min: 32, max: 65_536 }, 'memory the embedded warehouse may use'),
  numberSetting(
    'alerts.silenceMs',
    300_000,
    { min: 1_000, max: 86_400_000 },
    'shortest silence of a store that is an alarm; one that sells seldom is given longer',
  ),
  numberSetting('serve.port', 7410, { min: 0, max: 65_535 }, 'port of `storepulse serve`'),
  textSetting(
    'display.currency',
    'USD',
    /^[A-Z]{3}$/,
    'must be a currency code of three capital letters',
    'currency of every amount on screen',
  ),
  ...clusterSettings,
]

const byName = new Map(settingTable.map((entry) => [entry.name, entry]))

/** The entry of that name, or null. */
export const findSetting = (name: string): SettingEntry | null => byName.get(name) ?? null

/** The environment variable of a setting: `window.sizeMs` is `STOREPULSE_WINDOW_SIZE_MS`. */
export const environmentName = (name: string): string =>
  `STOREPULSE_${name
    .replaceAll(/[.-]/g, '_')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`
