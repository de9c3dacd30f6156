import Type from 'typebox'
import { encodings } from '../model/compression.ts'
import { Size, Text } from '../model/option-types.ts'

/** Text, and what else gets much smaller. */
const types = [
  'text/*',
  '*/*+json',
  '*/*+xml',
  '*/*+text',
  'application/json',
  'application/javascript',
  'application/x-javascript',
  'application/x-ndjson',
  'application/xml',
  'application/yaml',
  'application/wasm',
  'font/otf',
  'font/ttf',
  'image/bmp'
]

const Compress = Type.Object({
  min: Type.Optional(Size({ default: '1kb', description: 'Shorter answers are left as they are.' })),
  types: Type.Optional(
    Type.Array(Text('media-type'), {
      minItems: 1,
      default: types,
      description: 'The types of answers that are compressed; * stands for any text. Streams of events never are, nor gRPC.'
    })
  ),
  encodings: Type.Optional(
    Type.Array(Type.Enum(encodings), {
      minItems: 1,
      default: encodings,
      description: 'The codings that may be used, the best first: what a client likes more goes before.'
    })
  )
})

/** Compression of answers. True is the mapping with its defaults. */
export const CompressOptions = Type.Union([Type.Boolean(), Compress], {
  default: false,
  description: 'Compresses answers that came without a coding, as the client accepts: zstd, br or gzip; true: with the defaults.'
})
