// Streams: newline-delimited JSON, one object a line, each a piece of the answer.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder } from '../refrained.ts'
import { OllamaStreamDecoder } from './stream-decoder.ts'
import { OllamaStreamEncoder } from './stream-encoder.ts'

export const streamCodec: StreamCodec = {
  decoder: (context) => new RefrainedDecoder(new OllamaStreamDecoder(context)),
  encoder: (context) => new OllamaStreamEncoder(context),
}
