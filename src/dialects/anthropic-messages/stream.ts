// The stream codec: named SSE events, one block after the other.
import type { StreamCodec } from '../dialect.ts'
import { carryingSeals } from '../lowering/carried-seals.ts'
import { MessageStreamDecoder } from './stream-decoder.ts'
import { MessageStreamEncoder } from './stream-encoder.ts'
import { DIALECT } from './wire-types.ts'

export const streamCodec: StreamCodec = {
  decoder: (context) => new MessageStreamDecoder(context),
  encoder: carryingSeals(DIALECT, (context) => new MessageStreamEncoder(context)),
}
