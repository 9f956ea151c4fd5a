// The stream codec: named SSE events, one block after the other.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder, RefrainedEncoder } from '../refrained.ts'
import { MessageStreamDecoder } from './stream-decoder.ts'
import { MessageStreamEncoder } from './stream-encoder.ts'

export const streamCodec: StreamCodec = {
  decoder: (context) => new RefrainedDecoder(new MessageStreamDecoder(context)),
  encoder: (context) => new RefrainedEncoder(new MessageStreamEncoder(context)),
}
