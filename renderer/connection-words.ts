// The words about profiles and connections; part of words.ts.
import type {
  ConnectionGroup,
  DifferenceColumn,
  DifferenceRow,
  FindingView,
  ProfileColour,
  ProfileKindText,
} from '../core/protocol/cluster.ts'

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)

const kinds: Readonly<
  Record<ProfileKindText, { readonly name: string; readonly short: string; readonly does: string }>
> = {
  local: {
    name: 'This computer',
    short: 'own events, kept here',
    does: 'Makes its own events and keeps everything here.',
  },
  watch: {
    name: 'Watch a cluster',
    short: 'watches Kafka',
    does: 'Reads Kafka and writes nothing: nothing on the cluster can be changed.',
  },
  process: {
    name: 'Process a cluster',
    short: 'Kafka to PostgreSQL',
    does: 'Reads Kafka and writes windows to PostgreSQL, each exactly once.',
  },
  'kafka-local': {
    name: 'Kafka to this computer',
    short: 'Kafka, kept here',
    does: 'Reads Kafka and keeps the windows here.',
  },
}

const colours: Readonly<Record<ProfileColour, string>> = {
  blue: 'Blue',
  green: 'Green',
  amber: 'Amber',
  red: 'Red',
  violet: 'Violet',
  teal: 'Teal',
}

const groups: Readonly<Record<ConnectionGroup, string>> = {
  kafka: 'Kafka',
  security: 'Sign-in and encryption',
  postgres: 'PostgreSQL',
  redis: 'Redis, to share the board',
  archive: 'Archive of raw events',
}

const labels: Readonly<Record<string, string>> = {
  'kafka.brokers': 'Brokers',
  'kafka.clientId': 'Client id',
  'kafka.security': 'Protection',
  'kafka.sasl.mechanism': 'Mechanism',
  'kafka.sasl.username': 'User',
  'kafka.sasl.password': 'Password',
  'kafka.oauth.token': 'Token',
  'kafka.oauth.tokenUrl': 'Token endpoint',
  'kafka.oauth.clientId': 'Client id at the endpoint',
  'kafka.oauth.clientSecret': 'Client secret',
  'kafka.oauth.scope': 'Scope',
  'kafka.ssl.ca': 'Authorities',
  'kafka.ssl.cert': 'Client certificate',
  'kafka.ssl.key': 'Key of the certificate',
  'kafka.ssl.passphrase': 'Passphrase of the key',
  'kafka.ssl.verifyHost': 'Check host names',
  'kafka.startFrom': 'Begin at',
  'kafka.topicPrefix': 'Prefix of topics',
  'kafka.topics.retail-transactions': 'Topic of sales',
  'kafka.topics.customer-events': 'Topic of customers',
  'kafka.topics.inventory-updates': 'Topic of stock',
  'kafka.partitions': 'Partitions of a new topic',
  'kafka.replicationFactor': 'Replicas of a new topic',
  'kafka.groupId': 'Group',
  'kafka.isolation': 'Transactions',
  'warehouse.url': 'Database',
  'warehouse.readUrl': 'Replica to read from',
  'warehouse.ssl.mode': 'Encryption',
  'warehouse.ssl.ca': 'Authorities',
  'warehouse.ssl.cert': 'Client certificate',
  'warehouse.ssl.key': 'Key of the certificate',
  'warehouse.ssl.passphrase': 'Passphrase of the key',
  'warehouse.adopt': 'Take over a table',
  'warehouse.zone': 'Zone of the table',
  'redis.url': 'Redis',
  'redis.cluster': 'Cluster',
  'redis.prefix': 'Prefix of keys',
  'redis.ttlMs': 'Life of a board',
  'redis.ssl.ca': 'Authorities',
  'redis.ssl.cert': 'Client certificate',
  'redis.ssl.key': 'Key of the certificate',
  'redis.ssl.verifyHost': 'Check host names',
  'archive.target': 'Archive to',
  'archive.directory': 'Folder',
  's3.endpoint': 'Endpoint',
  's3.bucket': 'Bucket',
  's3.region': 'Region',
  's3.accessKey': 'Access key',
  's3.secretKey': 'Secret key',
  's3.prefix': 'Prefix of objects',
}

const verdicts: Readonly<Record<FindingView['verdict'], string>> = { ok: 'ok', warning: 'warning', failed: 'failed' }

const outcomes: Readonly<Record<DifferenceRow['outcome'], string>> = {
  differs: 'differs',
  'only-there': 'only there',
  'only-here': 'only here',
}

const columns: Readonly<Record<DifferenceColumn, string>> = {
  transactions: 'sales',
  revenue: 'revenue',
  customers: 'customers',
}

export const profileWords = {
  menu: (title: string): string => `Profile: ${title}`,
  heading: 'Open a profile',
  current: 'open',
  locked: 'locked',
  readOnly: 'read only',
  readOnlyWhy: 'Nothing on the cluster can be changed.',
  readOnlyNote: 'Read only: nothing on the cluster can be changed.',
  manage: 'Connections …',
  attach: 'Attach to a cluster',
  lacks: 'not complete',
  kinds,
  colours,
  noColour: 'No colour',
  opening: (title: string): string => `Opening ${title}`,
  openingWhy: 'what is on screen goes when it is there',
  failed: (title: string): string => `${title} could not be opened`,
  failedDismiss: 'Dismiss',
  switchTitle: (title: string): string => `Open “${title}”?`,
  switchLocked: 'It is locked: look twice whether it is the one you mean.',
  switchWrites: (place: string): string =>
    `It begins to write windows, ledgers and offsets to ${place}, as its only writer.`,
  switchDo: 'Open it',
  cancel: 'Cancel',
  lockedSettings: 'This profile is locked. Unlock it on Connections to change it.',
  lockedConfirm: (title: string): string => `I mean “${title}”, which is locked`,
}

export const connectionWords = {
  profiles: 'Profiles',
  create: 'New profile',
  createTitle: 'New profile',
  createText: 'It has data of its own, apart from every other profile.',
  title: 'Title',
  titleHint: 'as it is called on screen',
  kind: 'What it does',
  colour: 'Colour',
  colourHint: 'a strip along the window, so that you always know where you are',
  createDo: 'Create',
  cancel: 'Cancel',
  open: 'Open',
  reopen: 'Open anew',
  lock: 'Lock',
  unlock: 'Unlock',
  delete: 'Delete',
  deleteTitle: (title: string): string => `Delete “${title}”?`,
  deleteText: (name: string): string =>
    `Its connection and its secrets go. Its data stays where it is, in the folder profiles/${name} of the data directory.`,
  deleteDo: 'Delete',
  edit: 'Title and colour',
  editDo: 'Save',
  lacks: 'What it still lacks',
  noProfiles: 'no profile can be listed',
  missing: 'there is no such profile',
  missingNext: 'Choose one from the list.',
  viewOnly: 'This session may look and not change.',
  locked: 'This profile is locked: unlock it to change it.',
  groups,
  labelOf: (name: string): string => labels[name] ?? name,
  more: (count: number): string => `${count} more ${plural(count, 'setting', 'settings')}`,
  groupNotes: {
    security: 'Only what the chosen protection needs is asked for.',
    postgres: 'A URL such as postgres://user@host/database, or name=value …',
  },
  localOnly: 'Everything of this profile is on this computer. Raw events can be archived to disk or S3.',
  secretSet: 'kept; type to replace it',
  secretUnset: 'not set',
  secretImported: 'from the imported file',
  secretForget: 'Forget it',
  secretForgotten: 'goes with the next save',
  secretReveal: 'Show what is typed',
  secretHide: 'Hide what is typed',
  secretVariable: (variable: string): readonly [string, string, string, string] => [
    'set ',
    variable,
    ', or name a file in ',
    `${variable}_FILE`,
  ],
  isSet: 'set',
  isUnset: 'not set',
  leadsTo: (place: string): string => `leads to ${place}`,
  fromEnvironment: 'from the environment',
  defaultIs: (value: string): string => `default ${value}`,
  chooseFile: 'Choose a file',
  pemHint: 'a path, or the text itself',
  test: 'Test',
  testing: 'Testing',
  testAgain: 'Test again',
  testTitle: 'Test of the connection',
  testWith: 'as it is typed, saved or not',
  testNone: 'no step yet',
  testDone: (failed: number, warnings: number): string =>
    failed > 0
      ? `${failed} ${plural(failed, 'step', 'steps')} failed`
      : warnings > 0
        ? `works, with ${warnings} ${plural(warnings, 'warning', 'warnings')}`
        : 'everything works',
  testClose: 'Close the test',
  verdicts,
  import: 'Import',
  importTitle: 'Import client.properties',
  importText: 'Of a Kafka client or librdkafka. Passwords in it go to the keyring when you save, and nowhere else.',
  importPaste: 'Paste the file',
  importFile: 'Choose a file',
  importRead: 'Read it',
  importUse: 'Use it',
  importFound: (values: number, secrets: number): string =>
    `${values} ${plural(values, 'setting', 'settings')} and ${secrets} ${plural(secrets, 'secret', 'secrets')}`,
  importIgnored: 'Not used',
  importNothing: 'nothing in it means anything here',
  save: 'Save',
  saved: 'saved',
  savedCurrent: 'saved; open it anew to use it',
  savedNextStart: 'saved; takes effect at the next start',
  refused: (count: number): string =>
    `nothing was saved: ${count} ${plural(count, 'value breaks', 'values break')} a rule`,
}

export const lagWords = {
  title: 'Lag',
  records: 'Records behind',
  age: 'Oldest of them',
  trend: 'Trend',
  eta: 'Caught up',
  none: 'nothing behind',
  steady: 'steady',
  falling: (rate: string): string => `falling ${rate}/s`,
  growing: (rate: string): string => `growing ${rate}/s`,
  unknown: 'not known yet',
  now: 'now',
  inTime: (duration: string): string => `in ${duration}`,
  never: 'not at this rate',
  trendWhy: 'By how many records the lag changes a second, over the last minute.',
  etaWhy: 'When nothing is behind any more, if it goes on like that.',
  waiting: (topic: string, partition: number, reason: string): string => `waiting for ${topic}/${partition}: ${reason}`,
  waitingShort: (reason: string): string => `waiting: ${reason}`,
}

export const differenceWords = {
  title: 'Beside the cluster’s table',
  all: (windows: string): string => `all ${windows} final windows are the same`,
  nothing: 'no final window to compare yet',
  nothingNext: 'Windows are compared once they are final here.',
  counts: { same: 'same', differs: 'differ', onlyThere: 'only there', onlyHere: 'only here', open: 'may still change' },
  latest: 'newest there',
  columns: { store: 'Store', minute: 'Window', what: 'What', here: 'Here', there: 'There' },
  outcomes,
  columnOf: (column: DifferenceColumn): string => columns[column],
  missing: '—',
  rows: (shown: string, total: string): string => `the first ${shown} of ${total}`,
  gone: 'the table cannot be read now',
}
