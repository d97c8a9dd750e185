import { type Poison, counted, inSales, json, rejection, saleFields } from './record.ts'

const bom = Buffer.from([0xef, 0xbb, 0xbf])
const frame = Buffer.from([0, 0, 0, 1, 0xc8])
const megabyte = 1_048_576

/** Valid JSON of exactly `size` bytes: the sale and a long note. */
function saleOfSize(size: number): string {
  const empty = json(saleFields, { note: '' })
  return json(saleFields, { note: 'x'.repeat(size - Buffer.byteLength(empty)) })
}

/** Nearly 1 MiB that ends within a character. */
const saleWithoutEnd = (): Buffer => Buffer.from(json(saleFields, { note: '€'.repeat(349_000) })).subarray(0, -3)

/** Bytes: size, encoding, byte order marks, schema frames. */
export const bytes: readonly Poison[] = [
  inSales('a sale as it should be', json(saleFields), counted()),
  inSales('tombstone', null, { type: 'tombstone' }),
  inSales('no bytes', '', rejection('not_json')),
  inSales('only white space', ' \r\n\t ', rejection('not_json')),
  inSales('white space around and within', `\n ${JSON.stringify(saleFields, null, '\t')} \r\n`, counted()),
  inSales('exactly 1 MiB', saleOfSize(megabyte), counted()),
  inSales('1 MiB and a byte', saleOfSize(megabyte + 1), rejection('too_large')),
  inSales('1 MiB and a byte of no UTF-8', Buffer.alloc(megabyte + 1, 0xff), rejection('too_large')),
  inSales('20 MB', saleOfSize(20_000_000), rejection('too_large')),
  inSales('20 MB of NUL', Buffer.alloc(20_000_000), rejection('too_large')),
  inSales(
    '1 MiB of backslashes',
    `{"a":"${'\\'.repeat(megabyte - 8)}"}`,
    rejection('missing_field', '/transaction_id'),
  ),
  inSales('nearly 1 MiB whose last character is cut', saleWithoutEnd(), rejection('not_utf8')),
  inSales('Latin-1', Buffer.from(json(saleFields, { city: 'Zürich' }), 'latin1'), rejection('not_utf8')),
  inSales('UTF-16', Buffer.from(json(saleFields), 'utf16le'), rejection('not_json')),
  inSales(
    'UTF-16 with its byte order mark',
    Buffer.from(`\ufeff${json(saleFields)}`, 'utf16le'),
    rejection('not_utf8'),
  ),
  inSales('a surrogate encoded on its own', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), rejection('not_utf8')),
  inSales('an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), rejection('not_utf8')),
  inSales('a character cut in half', Buffer.from(json(saleFields, { x: '€' })).subarray(0, -3), rejection('not_utf8')),
  inSales(
    'a replacement character of its own',
    json(saleFields, { customer_id: '\ufffd' }),
    counted({ customerId: '\ufffd' }),
  ),
  inSales('a replacement character and no UTF-8', Buffer.from('22efbfbdff22', 'hex'), rejection('not_utf8')),
  inSales('gzip', Buffer.from('1f8b0800000000000003ab56', 'hex'), rejection('not_utf8')),
  inSales('a byte order mark', Buffer.concat([bom, Buffer.from(json(saleFields))]), counted()),
  inSales('two byte order marks', Buffer.concat([bom, bom, Buffer.from(json(saleFields))]), rejection('not_json')),
  inSales('only a byte order mark', bom, rejection('not_json')),
  inSales('framed JSON', Buffer.concat([frame, Buffer.from(json(saleFields))]), counted()),
  inSales('framed JSON with a byte order mark', Buffer.concat([frame, bom, Buffer.from(json(saleFields))]), counted()),
  inSales('framed Avro', Buffer.from('00000000070a54584e2d310e', 'hex'), rejection('schema_framed')),
  inSales('framed bytes of no UTF-8', Buffer.concat([frame, Buffer.from([0xff])]), rejection('not_utf8')),
  inSales('a frame around nothing', frame, rejection('schema_framed')),
  inSales('less than a frame', Buffer.from([0, 0, 0]), rejection('schema_framed')),
  inSales('a framed list', Buffer.concat([frame, Buffer.from('[]')]), rejection('not_object')),
  inSales('NUL bytes', Buffer.from('\0\0\0\0\0\0\0\0'), rejection('schema_framed')),
  inSales('a NUL byte at the end', `${json(saleFields)}\0`, rejection('not_json')),
  inSales('a NUL byte in a text', json(saleFields).replace('Soap', 'So\0ap'), rejection('not_json')),
  inSales('an escaped NUL in an id', json(saleFields, { customer_id: 'a\0b' }), counted({ customerId: 'a\0b' })),
]
