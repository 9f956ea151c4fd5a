// A streamed answer, read and written.
import type { StreamCodec } from '../dialect.ts'
import { carryingSeals } from '../lowering/carried-seals.ts'
import { ChunkDecoder } from './stream-decoder.ts'
import { ChunkEncoder } from './stream-encoder.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const stream: StreamCodec = {
  decoder: (context) => new ChunkDecoder(context),
  encoder: carryingSeals(MISTRAL_CHAT, (context) => new ChunkEncoder(context), 'beside-thinking'),
}
