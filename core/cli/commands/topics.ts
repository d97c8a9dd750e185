import type { Command } from 'commander'
import { createTopics, noteInTrail } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeJson, writeOut } from '../output.ts'

/** `storepulse topics create`: the topics a profile works with, on its cluster. */
export function addTopicsCommand(program: Command): void {
  const topics = program.command('topics').description('the topics on the cluster of a profile')
  withCommonOptions(
    topics.command('create').description('make the topics that are missing, with kafka.partitions partitions each'),
  )
    .option('--json', 'one JSON object a topic')
    .action(async (options: CommonOptions & { readonly json?: boolean }) => {
      const inputs = readContext(options, 'topics create')
      const topics = await createTopics(inputs)
      const made = topics.filter(({ outcome }) => outcome === 'made').map(({ name }) => name)
      if (made.length > 0) {
        const detail = `on ${inputs.settings.text('kafka.brokers')}`
        await noteInTrail(inputs, { action: 'made topics', subject: made.join(', '), detail })
      }
      for (const topic of topics) {
        if (options.json) await writeJson(topic)
        else await writeOut(`${topic.name} ${topic.outcome === 'made' ? 'made' : 'was there'}\n`)
      }
    })
}
