// Streams: chunks that each are an answer of their own, with whole parts, and no terminator but the end.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder, RefrainedEncoder } from '../refrained.ts'
import { GeminiStreamDecoder } from './stream-decoder.ts'
import { GeminiStreamEncoder } from './stream-encoder.ts'

export const stream: StreamCodec = {
  decoder: (context) => new RefrainedDecoder(new GeminiStreamDecoder(context)),
  encoder: (context) => new RefrainedEncoder(new GeminiStreamEncoder(context)),
}
