// Streams: newline-delimited JSON, one object a line, each a piece of the answer.
import type { StreamCodec } from '../dialect.ts'
import { OllamaStreamDecoder } from './stream-decoder.ts'
import { OllamaStreamEncoder } from './stream-encoder.ts'

export const streamCodec: StreamCodec = {
  decoder: (context) => new OllamaStreamDecoder(context),
  encoder: (context) => new OllamaStreamEncoder(context),
}
