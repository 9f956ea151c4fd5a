// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { RefrainedDecoder } from '../refrained.ts'
import { ResponseDecoder } from './stream-decoder.ts'
import { ResponseEncoder } from './stream-encoder.ts'

export const stream: StreamCodec = {
  decoder: (context) => new RefrainedDecoder(new ResponseDecoder(context)),
  encoder: (context) => new ResponseEncoder(context),
}
