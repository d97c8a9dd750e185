import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { installKafka } from '../services/kafka-install.ts'

/** Kafka's own Java client as a process: what another program would do to a cluster. */
export interface KafkaClient {
  /** One command of KafkaClient.java; gives what it answers. */
  run(...words: readonly (string | number)[]): Promise<string>
  stop(): Promise<void>
}

export async function startKafkaClient(brokers: string): Promise<KafkaClient> {
  const source = join(import.meta.dirname, 'KafkaClient.java')
  const libraries = join(installKafka('4.1'), 'libs', '*')
  const child = spawn('java', ['-Xmx256m', '-XX:+UseSerialGC', '-cp', libraries, source, brokers], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const waiting: ((line: string) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^(ok|error)(\t|$)/.test(line)) waiting.shift()?.(line)
  })
  void ended.then(() => waiting.splice(0).forEach((resolve) => resolve('error\tthe client has ended')))
  const next = (): Promise<string> => new Promise((resolve) => waiting.push(resolve))
  await next()
  return {
    async run(...words) {
      const answer = next()
      child.stdin.write(`${words.join('\t')}\n`)
      const [verdict, text = ''] = (await answer).split('\t')
      if (verdict !== 'ok') throw new Error(`${words[0]}: ${text}`)
      return text
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
