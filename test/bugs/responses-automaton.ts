// The grammar of a Responses stream, as its strictest clients take it: items, parts and ids announced, kept and ended.
import { type Json, isArray, isObject } from '../../src/wire/json.ts'
import { dig } from './switchboard.ts'

const ENDS: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
])

interface OpenItem {
  readonly id: Json | undefined
  readonly parts: Set<string>
}

/** Everything that is wrong with the frames of one answer, in words. */
export function faultsOfResponses(frames: readonly Json[]): readonly string[] {
  const faults: string[] = []
  const open = new Map<number, OpenItem>()
  const done: Json[] = []
  let next = 0
  const types = frames.map((frame) => String(dig(frame, 'type')))
  if (types[0] !== 'response.created' || types[1] !== 'response.in_progress') {
    faults.push(`begins with ${types[0]}, ${types[1]}`)
  }
  if (types.filter((type) => ENDS.has(type)).length !== 1 || !ENDS.has(types.at(-1) ?? '')) {
    faults.push(`ends with ${types.at(-1)}`)
  }
  for (const [at, frame] of frames.entries()) {
    const type = types[at] ?? ''
    if (!isObject(frame)) continue
    if (frame['sequence_number'] !== at)
      faults.push(`${type}: number ${JSON.stringify(frame['sequence_number'])} at ${at}`)
    const index = frame['output_index']
    if (typeof index !== 'number') continue
    if (type === 'response.output_item.added') {
      if (index !== next) faults.push(`item ${index} is added as number ${next}`)
      next = index + 1
      const id = dig(frame, 'item.id')
      if (typeof id !== 'string' || id === '') faults.push(`item ${index} has no id`)
      open.set(index, { id, parts: new Set() })
      continue
    }
    const item = open.get(index)
    if (item === undefined) {
      faults.push(`${type} in item ${index}, which is not open`)
      continue
    }
    const id = frame['item_id'] ?? dig(frame, 'item.id')
    if (id !== item.id)
      faults.push(`${type}: item ${index} is ${JSON.stringify(id)}, not ${JSON.stringify(item.id)}`)
    if (type === 'response.output_item.done') {
      if (item.parts.size > 0) faults.push(`item ${index} ends before ${[...item.parts].join()}`)
      done.push(frame['item'] ?? null)
      open.delete(index)
    }
    const slot = slotOf(type, frame)
    if (slot === undefined) continue
    const { key, step } = slot
    if (step === 'added') item.parts.add(key)
    else if (!item.parts.has(key)) faults.push(`${type} in ${key}, which is not open`)
    if (step === 'done') item.parts.delete(key)
  }
  for (const index of open.keys()) faults.push(`item ${index} is never done`)
  const output = dig(frames.at(-1), 'response.output')
  if (JSON.stringify(output) !== JSON.stringify(done))
    faults.push('the last response has other items')
  if (!isArray(output)) faults.push('the last response has no output')
  return faults
}

/** The part of an item that an event is about. */
function slotOf(
  type: string,
  frame: Json,
): { readonly key: string; readonly step: 'added' | 'delta' | 'done' } | undefined {
  const [, name = '', step = ''] = type.split('.')
  if (step !== 'added' && step !== 'delta' && step !== 'done') return undefined
  const content = dig(frame, 'content_index')
  const summary = dig(frame, 'summary_index')
  if (summary !== undefined) {
    const kept = name === 'reasoning_summary_text' && step === 'done' ? 'delta' : step
    return { key: `summary ${JSON.stringify(summary)}`, step: kept }
  }
  if (content === undefined) return undefined
  return {
    key: `content ${JSON.stringify(content)}`,
    step: name === 'content_part' ? step : 'delta',
  }
}
