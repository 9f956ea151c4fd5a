// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { CarryingEncoder } from '../lowering/carried-seals.ts'
import { ResponseDecoder } from './stream-decoder.ts'
import { ResponseEncoder } from './stream-encoder.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const stream: StreamCodec = {
  decoder: (context) => new ResponseDecoder(context),
  encoder: (context) => new CarryingEncoder(new ResponseEncoder(context), OPENAI_RESPONSES),
}
