/** Who may import whom, as ARCHITECTURE.md says it. A folder that is not here may not exist. */

const everyStage = [
  'core/archive',
  'core/base',
  'core/cache',
  'core/duckdb',
  'core/events',
  'core/generator',
  'core/log',
  'core/metrics',
  'core/parity',
  'core/protocol',
  'core/registry',
  'core/settings',
  'core/stream',
  'core/tunnel',
  'core/warehouse',
]

/** Area → the other areas its files may name in an import, types included. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  'core/protocol': [],
  'core/base': [],
  'core/duckdb': ['core/base'],
  'core/settings': ['core/base', 'core/protocol'],
  'core/events': ['core/base'],
  'core/generator': ['core/events', 'core/base'],
  'core/log': ['core/events', 'core/base'],
  'core/parity': ['core/events', 'core/base'],
  'core/registry': ['core/base'],
  'core/stream': ['core/events', 'core/base'],
  'core/tunnel': ['core/base'],
  'core/warehouse': ['core/duckdb', 'core/events', 'core/base', 'resources/sql'],
  'core/archive': ['core/duckdb', 'core/events', 'core/base'],
  'core/cache': ['core/events', 'core/base'],
  'core/metrics': ['core/events', 'core/base', 'core/protocol'],
  'core/pipeline': everyStage,
  'core/host': ['core/pipeline', 'core/protocol', 'core/settings', 'core/base'],
  'core/cli': ['core/host', 'core/protocol', 'core/settings', 'core/base', 'package.json'],
  'electron/launch': ['core/base'],
  'electron/main': ['core/protocol', 'core/settings', 'core/base', 'electron/engine'],
  'electron/engine': ['core/host', 'core/protocol', 'core/settings', 'core/base'],
  'electron/preload': ['core/protocol'],
  renderer: ['core/protocol'],
}

/** Folders of one area that must not know each other: the adapters behind a port. */
export const adapters = ['memory', 'segment', 'kafka', 'duckdb', 'postgres', 'redis', 'disk', 's3']

/** Package → the only places (folders, or files without their ending) that may name it. A package without a home is refused. */
export const homes: Readonly<Record<string, readonly string[]>> = {
  '@faker-js/faker': ['core/generator'],
  '@duckdb/node-api': ['core/duckdb'],
  '@bokuweb/zstd-wasm': ['core/log/kafka'],
  avsc: ['core/registry'],
  kafkajs: ['core/log/kafka', 'test/bench/kafka-read'],
  lz4js: ['core/log/kafka'],
  snappyjs: ['core/log/kafka'],
  pg: ['core/warehouse/postgres'],
  redis: ['core/cache/redis'],
  ssh2: ['core/tunnel'],
  '@aws-sdk/client-s3': ['core/archive'],
  pino: ['core/base/logger'],
  zod: ['core/events/schemas', 'core/settings', 'core/host', 'electron/main'],
  commander: ['core/cli'],
  hono: ['core/host/serve'],
  '@hono/node-server': ['core/host/serve'],
  ws: ['core/host/serve'],
  'prom-client': ['core/host/serve'],
  electron: ['electron/main', 'electron/engine', 'electron/preload'],
  echarts: ['renderer/charts'],
  '@fontsource-variable/inter': ['renderer'],
  '@fontsource-variable/jetbrains-mono': ['renderer'],
  '@tanstack/react-table': ['renderer'],
  '@tanstack/react-virtual': ['renderer'],
  cmdk: ['renderer'],
  'get-nonce': ['renderer'],
  'lucide-react': ['renderer'],
  'radix-ui': ['renderer'],
  react: ['renderer'],
  'react-dom': ['renderer'],
  zustand: ['renderer'],
}

/** Node.js modules by which a file could reach the world outside its arguments. */
export const worldModules = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'fs',
  'http',
  'http2',
  'https',
  'inspector',
  'net',
  'os',
  'readline',
  'repl',
  'tls',
  'tty',
  'worker_threads',
]

export interface Reach {
  /** Folders, or files without their ending. */
  readonly from: readonly string[]
  /** What code run from there must not load, however many imports away: packages, `node:…`, or `world`, `node`, `packages`. */
  readonly never: readonly string[]
  readonly because: string
}

export const reaches: readonly Reach[] = [
  { from: ['core/protocol'], never: ['node', 'packages'], because: 'it is loaded in every process, the page included' },
  { from: ['core/stream'], never: ['world', 'packages'], because: 'the engine is synchronous and does no I/O' },
  { from: ['core/parity'], never: ['world', 'packages'], because: 'a replay is a function of the batches' },
  { from: ['core/events/decode'], never: ['world', 'packages'], because: 'decoding is the hot path' },
  {
    from: ['core/base', 'core/settings', 'core/metrics', 'core/stream', 'core/log'],
    never: ['@duckdb/node-api', '@faker-js/faker', 'pg'],
    because: 'only the warehouse and the generator need them',
  },
  { from: ['core'], never: ['electron'], because: 'the engine does not know that it is in Electron' },
  {
    from: ['electron/main', 'electron/launch'],
    never: ['@duckdb/node-api', '@faker-js/faker', 'kafkajs', 'pg'],
    because: 'a busy engine must never freeze a window',
  },
  { from: ['renderer'], never: ['node', 'electron'], because: 'a page has neither' },
  { from: ['electron/preload'], never: ['world'], because: 'a sandboxed preload has no Node.js' },
]

/** Words that say nothing about what a file is for. */
export const emptyNames = /(^|[-.])(utils?|helpers?|common|managers?|misc)([-.]|$)/

export const longestFile = 250

/** The settings of a tool, which lie in the program's folders and are no part of it. */
export const toolConfig = /\.config\.ts$/

/** Pages are loaded when they are opened, and what loads them asks for a default export. */
export const defaultExportAllowed = /^renderer\/pages\/[^/]+\.tsx$/

/** Where the clock and chance of the machine may be read. */
export const clockAndChanceHome = 'core/base'
