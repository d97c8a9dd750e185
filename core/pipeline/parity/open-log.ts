import { Fault } from '../../base/fault.ts'
import { salesTopic } from '../../events/topics.ts'
import type { EventLog } from '../../log/log.ts'
import { readKafkaConnection, readKafkaTopics } from '../../settings/kafka-connection.ts'
import type { BuildInputs } from '../build.ts'
import { openLocalLog } from '../places.ts'
import { describeDialling } from '../tunnelled.ts'

/**
 * Opens the log of a profile to read what a query read; on a cluster nothing in it could write.
 *
 * @param topic what the query calls its topic; null where nobody says
 * @throws Fault `usage` where the profile reads another one
 */
export async function openReadLog(inputs: BuildInputs, topic: string | null): Promise<EventLog> {
  const { clock, logger, settings } = inputs
  if (settings.profile.eventsFrom === 'local-log') {
    if (topic !== null && topic !== salesTopic) {
      throw new Fault('usage', `the query reads the topic ${topic} of a cluster, and this profile a log of its own`, {
        domain: 'user',
        hint: `choose the profile of that cluster: --profile watch --set kafka.topics.${salesTopic}=${topic}`,
      })
    }
    return await openLocalLog(inputs)
  }
  const { isolation, names } = readKafkaTopics(settings)
  const name = names[salesTopic]
  if (topic !== null && topic !== name) {
    throw new Fault('usage', `the query reads the topic ${topic}, and this profile ${name}`, {
      domain: 'user',
      hint: `choose the profile of that cluster, or add --set kafka.topics.${salesTopic}=${topic}`,
    })
  }
  const { openKafkaLog } = await import('../../log/kafka/kafka-log.ts')
  return await openKafkaLog({
    connection: { ...readKafkaConnection(settings), ...(await describeDialling(settings)) },
    topics: names,
    writes: false,
    isolation: isolation === 'read_committed' ? 'read-committed' : 'read-uncommitted',
    clock,
    logger,
  })
}
