// The body of a streamed answer in which the answer tells of itself: only frames that hold it are touched, all other bytes pass.
import type { Keeping } from '../dialects/keeping.ts'
import { FrameCutter, type FrameRun } from '../wire/frame-cutter.ts'
import type { Framing } from '../wire/frame.ts'
import { frameReader, writeFrame } from '../wire/framing.ts'
import type { Outbound } from './message.ts'
import type { Teller } from './teller.ts'

export interface ToldStreamOptions {
  readonly keeping: Keeping
  readonly framing: Framing
  readonly teller: Teller
  /** Bytes of one frame; a longer one passes unread, and its answer is not kept. Default 16 MiB. */
  readonly maxFrameBytes?: number
}

const MAX_FRAME_BYTES = 16 * 1024 * 1024

export async function* toldStream(
  body: Exclude<Outbound['body'], string>,
  options: ToldStreamOptions,
): AsyncGenerator<Uint8Array> {
  const { framing, maxFrameBytes = MAX_FRAME_BYTES } = options
  const cutter = new FrameCutter(framing)
  const encoder = new TextEncoder()
  for await (const piece of body) {
    const run = cutter.write(typeof piece === 'string' ? encoder.encode(piece) : piece)
    if (run.bytes.length > 0) yield* told(run, options)
    if (cutter.pendingBytes > maxFrameBytes) yield cutter.finish()
  }
  const rest = cutter.finish()
  if (rest.length > 0) yield* told({ bytes: rest, ends: [rest.length] }, options)
}

/** Whole frames in, the same number of frames out. */
async function* told(
  { bytes, ends }: Pick<FrameRun, 'bytes' | 'ends'>,
  options: ToldStreamOptions,
): AsyncGenerator<Uint8Array> {
  if (!options.keeping.mayHold(new TextDecoder().decode(bytes))) {
    yield bytes
    return
  }
  let at = 0
  for (const end of ends) {
    const frame = bytes.subarray(at, end)
    yield (await toldFrame(frame, options)) ?? frame
    at = end
  }
}

/** Undefined where the frame holds no answer. */
async function toldFrame(
  bytes: Uint8Array,
  { keeping, framing, teller }: ToldStreamOptions,
): Promise<Uint8Array | undefined> {
  const reader = frameReader(framing)
  const [frame] = [...reader.write(bytes), ...reader.finish()]
  const held = frame === undefined ? undefined : keeping.held(frame)
  if (frame === undefined || held === undefined) return undefined
  const answer = held.isLast ? (await teller.ended(held.answer)).text : teller.begun(held.answer)
  return new TextEncoder().encode(writeFrame(framing, keeping.holding(frame, answer)))
}
