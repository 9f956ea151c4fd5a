// Log probabilities of the answer's tokens: one flat list, in pieces when the answer is streamed.
import { compact } from '../../canonical/compact.ts'
import type { TokenLogprob } from '../../canonical/part.ts'
import { type Item, type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

export function readLogprobs(reader: ObjectReader): readonly TokenLogprob[] | undefined {
  return reader.optionalItems('logprobs')?.map((item) => readLogprob(item))
}

function readLogprob(item: Item): TokenLogprob {
  const reader = ObjectReader.of(item.value, item.path)
  const bytes = reader.peek('bytes')
  const isBytes = isArray(bytes) && bytes.every((byte) => typeof byte === 'number')
  if (isBytes) reader.value('bytes')
  return {
    token: reader.string('token'),
    logprob: reader.number('logprob'),
    ...(isBytes ? { bytes } : {}),
    ...compact({ top: reader.optionalItems('top_logprobs')?.map((top) => readLogprob(top)) }),
    ...leftovers.kept(reader),
  }
}

export function printLogprob(logprob: TokenLogprob): JsonObject {
  return {
    ...leftovers.fieldsOf(logprob),
    token: logprob.token,
    logprob: logprob.logprob,
    ...compact({
      bytes: logprob.bytes,
      top_logprobs: logprob.top?.map((top) => printLogprob(top)),
    }),
  }
}
