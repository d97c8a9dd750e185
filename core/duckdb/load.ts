import type * as NodeApi from '@duckdb/node-api'

export type DuckdbModule = typeof NodeApi

/**
 * How DuckDB's own allocator (jemalloc, on Linux) gives memory back: soon, and from one arena. By default each of the
 * threads a statement may run on keeps freed pages, tens of megabytes that belong to no one; giving them back at once
 * makes every statement a third slower.
 */
const allocatorSettings = 'narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0'

/** Loads DuckDB when it is first needed: 70 MB that `--help` can do without. The allocator reads its settings then. */
export function loadDuckdb(): Promise<DuckdbModule> {
  process.env['DUCKDB_JE_MALLOC_CONF'] ??= allocatorSettings
  return import('@duckdb/node-api')
}
