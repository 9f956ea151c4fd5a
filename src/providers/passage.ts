// Whether a client's own text can go to the provider as it is, or with single keys changed: the choice of the lane.
import type { Dialect, Patchable } from '../dialects/dialect.ts'
import type { PassingLane, Source } from '../exchange/exchange.ts'
import type { Frame } from '../wire/frame.ts'
import { equalJson } from '../wire/json.ts'
import type { WireRequest } from '../wire/message.ts'
import { jsonSplices, patchValue, splicedBytes, splicedText, valueAt } from '../wire/patch-json.ts'
import { bareOfVersion } from './call-table.ts'

export interface Passage {
  readonly lane: PassingLane
  /** What is sent. */
  readonly text: string
  /** The same as it goes out: the client's own bytes where they are at hand, so that a large text is not encoded again. */
  readonly body: () => string | Uint8Array
  /** Frames of the answer that the client's own text would not have brought. */
  readonly unasked: (frame: Frame) => boolean
}

/**
 * `wire` is what translation would send. The client's text may stand for it when both say the same, but for keys that
 * the dialect lets be changed. Undefined: translate.
 */
export function passageOf(
  source: Source | undefined,
  dialect: Pick<Dialect, 'id' | 'patchable'>,
  wire: WireRequest,
): Passage | undefined {
  if (source === undefined || source.dialect !== dialect.id) return undefined
  if (bareOfVersion(source.path) !== bareOfVersion(wire.path)) return undefined
  const { patchable = [] } = dialect
  const edits = patchable.map(({ path }) => {
    const value = valueAt(wire.body, path)
    const isSame = equalJson(valueAt(source.body, path), value)
    return isSame || value === undefined ? { path } : { path, value }
  })
  if (!equalJson(patchValue(source.body, edits), wire.body)) return undefined
  const splices = jsonSplices(source.text, edits)
  if (splices === undefined) return undefined
  const { bytes } = source
  const text = splicedText(source.text, splices)
  const changed = patchable.filter((_, at) => edits[at]?.value !== undefined)
  return {
    lane: changed.length === 0 ? 'bytes' : 'patch',
    text,
    body: () => (bytes === undefined ? text : splicedBytes(bytes, splices)),
    unasked: unaskedOf(changed),
  }
}

/** Apart, because a stream keeps it to its end: a function keeps all that stands around it, here the request and its text. */
function unaskedOf(changed: readonly Patchable[]): Passage['unasked'] {
  return (frame) => changed.some(({ unasked }) => unasked?.(frame) === true)
}
