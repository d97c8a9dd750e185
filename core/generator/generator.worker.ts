import { parentPort, workerData } from 'node:worker_threads'
import { serveGenerator } from './worker-loop.ts'

if (parentPort) serveGenerator(parentPort, workerData)
