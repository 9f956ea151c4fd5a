// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { carryingSeals } from '../lowering/carried-seals.ts'
import { ResponseDecoder } from './stream-decoder.ts'
import { ResponseEncoder } from './stream-encoder.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const stream: StreamCodec = {
  decoder: (context) => new ResponseDecoder(context),
  encoder: carryingSeals(OPENAI_RESPONSES, (context) => new ResponseEncoder(context)),
}
