import { gzipSync } from 'node:zlib'
import type { Random } from '../../../core/base/random.ts'
import { pick, tokens } from './pieces.ts'

/** Changes that know a record for bytes only. */

const splice = (bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])

function randomBytes(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 1 + random.nextInt(8) }, () => random.nextInt(256)))
}

const encodings: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
  (bytes) => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le').swap16(),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1')),
  (bytes) => Buffer.concat([Buffer.from('efbbbf', 'hex'), bytes]),
  (bytes) => Buffer.concat([Buffer.from('0000000007', 'hex'), bytes]),
  (bytes) => gzipSync(bytes),
  (bytes) => Buffer.from(bytes.toString('base64')),
  (bytes) => Buffer.from(JSON.stringify(bytes.toString('utf8'))),
  (bytes) => Buffer.from(`[${bytes.toString('utf8')}]`),
  (bytes) => Buffer.from(encodeURIComponent(bytes.toString('latin1'))),
]

/** One change: flipped, replaced, cut, put in, repeated, spliced with another record, or encoded otherwise. */
function changeOnce(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.nextInt(bytes.length + 1)
  const length = random.nextInt(Math.max(1, Math.min(bytes.length - at, 24)))
  switch (random.nextInt(12)) {
    case 0:
    case 1: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.nextInt(8))
      return flipped
    }
    case 2:
      return splice(bytes, at, 1, Buffer.of(random.nextInt(256)))
    case 3:
      return bytes.subarray(0, at)
    case 4:
      return bytes.subarray(at)
    case 5:
      return splice(bytes, at, length, Buffer.alloc(0))
    case 6:
      return splice(bytes, at, 0, randomBytes(random))
    case 7:
    case 8:
      return splice(bytes, at, random.nextInt(3), pick(tokens, random))
    case 9:
      return splice(bytes, at, 0, bytes.subarray(at, at + length))
    case 10:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.nextInt(other.length + 1))])
    default:
      return random.chance(0.3) ? Buffer.concat([bytes, other]) : pick(encodings, random)(bytes)
  }
}

/** Up to three such changes, mostly one. */
export function changeBytes(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let changed = bytes
  for (let left = random.chance(0.6) ? 1 : 1 + random.nextInt(3); left > 0; left -= 1) {
    changed = changeOnce(changed, other, random)
  }
  return changed
}
