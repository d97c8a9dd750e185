import { gzipSync } from 'node:zlib'
import { type Poison, counted, inSales, json, rejection, saleFields, saleWith } from './record.ts'

const sale = json(saleFields)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** ASCII in four bytes a character, most significant first. */
const utf32 = (text: string): Buffer => {
  const bytes = Buffer.alloc(text.length * 4)
  for (let index = 0; index < text.length; index += 1) bytes.writeUInt32BE(text.charCodeAt(index), index * 4)
  return bytes
}

/** The sale with a city written by another program's idea of text. */
const saleWithCity = (city: Buffer): Buffer => {
  const [before = '', after = ''] = json(saleFields, { city: '@' }).split('@')
  return Buffer.concat([Buffer.from(before), city, Buffer.from(after)])
}

/** What else a topic may carry: other formats, other encodings, envelopes of other programs. */
export const carriers: readonly Poison[] = [
  inSales('an XML error page', '<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>', rejection('not_json')),
  inSales('an HTTP answer', 'HTTP/1.1 503 Service Unavailable\r\n\r\n{"error":"later"}', rejection('not_json')),
  inSales('a line of a log', `2025-01-06 10:00:00,000 INFO sold ${sale}`, rejection('not_json')),
  inSales('YAML', 'transaction_id: TXN-1\nstore_id: 7\n', rejection('not_json')),
  inSales('a form', 'transaction_id=TXN-1&store_id=7&final_amount=12.50', rejection('not_json')),
  inSales('a Python dictionary', "{'transaction_id': 'TXN-1', 'kind': None, 'ok': True}", rejection('not_json')),
  inSales('JSON with padding', `callback(${sale});`, rejection('not_json')),
  inSales('keys without quotes', '{transaction_id:"TXN-1",store_id:7}', rejection('not_json')),
  inSales('[object Object]', '[object Object]', rejection('not_json')),
  inSales('undefined', 'undefined', rejection('not_json')),
  inSales(
    'an exception',
    'java.lang.NullPointerException\n\tat com.example.Till.sell(Till.java:42)',
    rejection('not_json'),
  ),
  inSales('base64 of a sale', Buffer.from(sale).toString('base64'), rejection('not_json')),
  inSales('Windows’ line of a CSV', '"TXN-1";7;"CUST-1";"06.01.2025";"12,50"\r\n', rejection('not_json')),
  inSales('two objects and a comma', `${sale},${sale}`, rejection('not_json')),
  inSales('three lines and a last line feed', `${sale}\n${sale}\n${sale}\n`, rejection('not_json')),
  inSales('a record separator before it', `\u001e${sale}\n`, rejection('not_json')),
  inSales('a hash of another language', '{:transaction_id=>"TXN-1"}', rejection('not_json')),
  inSales('a whole sale in gzip', gzipSync(sale), rejection('not_utf8')),
  inSales('Zstandard', hex('28b52ffd0458410000'), rejection('not_utf8')),
  inSales('a Java object', hex('aced0005737200'), rejection('not_utf8')),
  inSales('MessagePack', hex('82ae7472616e73616374696f6e5f6964a554584e2d31'), rejection('not_utf8')),
  inSales('an Avro file', Buffer.from('Obj\u0001\u0004avro.codec'), rejection('not_json')),
  inSales('a Protobuf message', hex('0a0554584e2d3110071a06435553542d31'), rejection('not_json')),
  inSales('framed Protobuf', hex('00000000070054584e2d31'), rejection('schema_framed')),
  inSales('a frame in a frame', Buffer.concat([Buffer.alloc(10), Buffer.from(sale)]), rejection('schema_framed')),
  inSales('BSON', hex('16000000026964000600000054584e2d310000'), rejection('not_json')),
  inSales(
    'change data capture',
    JSON.stringify({ op: 'c', before: null, after: saleFields }),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'schema and payload',
    JSON.stringify({ schema: { type: 'struct' }, payload: saleFields }),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'a cloud event',
    JSON.stringify({ specversion: '1.0', type: 'sale', data: saleFields }),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'an error as JSON',
    '{"error":{"code":503,"message":"try later"}}',
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'null in every field',
    JSON.stringify(Object.fromEntries(Object.keys(saleFields).map((name) => [name, null]))),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'empty text in every field',
    JSON.stringify(Object.fromEntries(Object.keys(saleFields).map((name) => [name, '']))),
    rejection('missing_field', '/transaction_id'),
  ),
  inSales(
    'UTF-16 the other way round, with its mark',
    Buffer.from(`\ufeff${sale}`, 'utf16le').swap16(),
    rejection('not_utf8'),
  ),
  inSales('UTF-16 the other way round', Buffer.from(sale, 'utf16le').swap16(), rejection('schema_framed')),
  inSales('UTF-32', utf32(sale), rejection('schema_framed')),
  inSales('EBCDIC', hex('c07fe3e7d560f17f7a'), rejection('not_utf8')),
  inSales('Windows-1252’s euro', saleWithCity(hex('80')), rejection('not_utf8')),
  inSales('Shift JIS', saleWithCity(hex('938c8b9e')), rejection('not_utf8')),
  inSales('Java’s own NUL', saleWithCity(hex('c080')), rejection('not_utf8')),
  inSales('an emoji as two encoded surrogates', saleWithCity(hex('eda0bdedbb92')), rejection('not_utf8')),
  inSales('a character beyond the last', saleWithCity(hex('f4908080')), rejection('not_utf8')),
  inSales('a sequence of five bytes', saleWithCity(hex('f888808080')), rejection('not_utf8')),
  inSales('the last character there is', saleWithCity(hex('f48fbfbf')), counted()),
  inSales(
    'text decoded as Latin-1 on its way',
    json(saleFields, { customer_id: 'ZoÃ«' }),
    counted({ customerId: 'ZoÃ«' }),
  ),
  inSales('a no-break space before it', `\u00a0${sale}`, rejection('not_json')),
  inSales('a line separator behind it', `${sale}\u2028`, rejection('not_json')),
  inSales('a form feed behind it', `${sale}\f`, rejection('not_json')),
  inSales('a byte order mark behind it', `${sale}\ufeff`, rejection('not_json')),
  inSales('an escape that is none', saleWith('note', '"\\x41"'), rejection('not_json')),
]
