// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder, RefrainedEncoder } from '../refrained.ts'
import { ChunkDecoder } from './stream-decoder.ts'
import { ChunkEncoder } from './stream-encoder.ts'

export const stream: StreamCodec = {
  decoder: (context) => new RefrainedDecoder(new ChunkDecoder(context), { padding: 'p' }),
  encoder: (context) => new RefrainedEncoder(new ChunkEncoder(context)),
}
