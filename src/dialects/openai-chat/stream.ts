// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder, RefrainedEncoder } from '../refrained.ts'
import { isWholeObject } from './stream-calls.ts'
import { ChunkDecoder } from './stream-decoder.ts'
import { ChunkEncoder } from './stream-encoder.ts'

export const stream: StreamCodec = {
  decoder: (context) =>
    new RefrainedDecoder(new ChunkDecoder(context), {
      joinable: (text) => !isWholeObject(text),
      padding: 'obfuscation',
    }),
  encoder: (context) => new RefrainedEncoder(new ChunkEncoder(context)),
}
