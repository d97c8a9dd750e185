import { Fault } from '../base/fault.ts'
import type { Environment } from './environment.ts'
import { readKafkaConnection, readKafkaTopics } from './kafka-connection.ts'
import { namesPostgres, readPostgresServers } from './postgres-connection.ts'
import { readS3Connection } from './archive-connection.ts'
import { readRedisConnection } from './redis-connection.ts'
import type { Settings } from './settings.ts'

/** What a profile lacks before it can be opened, in the order it is needed: each names the setting and its variable. */
export function listLacks(settings: Settings, environment: Environment): readonly Fault[] {
  const { needs, services } = settings.profile
  const reads: readonly (() => unknown)[] = [
    ...(needs.includes('kafka') ? [() => readKafkaConnection(settings), () => readKafkaTopics(settings)] : []),
    ...(needs.includes('postgres') ? [() => readPostgresServers(settings, environment)] : []),
    ...(services.includes('redis') ? [() => readRedisConnection(settings)] : []),
    ...(settings.text('archive.target') === 's3' ? [() => readS3Connection(settings)] : []),
  ]
  return reads.flatMap((read) => {
    try {
      read()
      return []
    } catch (error) {
      if (error instanceof Fault) return [error]
      throw error
    }
  })
}

/** What whoever set a profile up should know though nothing is lacking: what is set and not used, and why. */
export function listNotes(settings: Settings, environment: Environment): readonly string[] {
  const usesPostgres = settings.profile.services.includes('postgres') && namesPostgres(settings, environment)
  if (!usesPostgres) return settings.notes
  try {
    return [...settings.notes, ...readPostgresServers(settings, environment).notes]
  } catch (error) {
    // What cannot be read is among what it lacks.
    if (error instanceof Fault) return settings.notes
    throw error
  }
}

/** @throws Fault `setting`, the first of {@link listLacks} */
export function checkNeeds(settings: Settings, environment: Environment): void {
  const [first] = listLacks(settings, environment)
  if (first) throw first
}
