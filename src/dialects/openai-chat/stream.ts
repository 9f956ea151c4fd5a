// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { ChunkDecoder } from './stream-decoder.ts'
import { ChunkEncoder } from './stream-encoder.ts'

export const stream: StreamCodec = {
  decoder: (context) => new ChunkDecoder(context),
  encoder: (context) => new ChunkEncoder(context),
}
