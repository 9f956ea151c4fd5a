// Gemini 3 as strict as it is about signatures: on the first call of every step of the current turn, its own or the sentinel.
import { openUpstream } from '../fake-upstream.ts'
import { type JsonObject, isObject } from '../../src/wire/json.ts'
import {
  Ledger,
  Refused,
  type StrictUpstream,
  objectsIn,
  sse,
  strictly,
} from './strict-upstream.ts'

/** What stands for a signature in histories that other models have made. */
const SENTINEL = 'skip_thought_signature_validator'

export async function strictGemini(): Promise<StrictUpstream> {
  const ledger = new Ledger('gemini')
  let calls = 0
  return strictly(await openUpstream(), ledger, {
    refusal: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
    answer: (request, body) => {
      const contents = objectsIn(body['contents'])
      const current = contents.findLastIndex(
        ({ role, parts }) =>
          role !== 'model' && objectsIn(parts).every((part) => !isObject(part['functionResponse'])),
      )
      for (const [at, content] of contents.entries()) {
        checkSignatures(ledger, objectsIn(content['parts']), `contents[${at}]`)
        if (at > current && content['role'] === 'model')
          requireFirst(objectsIn(content['parts']), at)
      }
      const answering = objectsIn(contents.at(-1)?.['parts']).some((part) =>
        isObject(part['functionResponse']),
      )
      calls += 1
      const thought = { text: 'Gemini thinks.', thought: true }
      const args = { at: calls }
      const call = { functionCall: { id: `g${calls}`, name: 'look', args } }
      const parts = answering
        ? [thought, { text: 'Gemini has an answer.' }]
        : [thought, { ...call, thoughtSignature: ledger.issue(`look${JSON.stringify(args)}`) }]
      const answer = {
        modelVersion: 'gemini-3-pro',
        responseId: `r${calls}`,
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      }
      const chunk = (said: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
        candidates: [{ content: { role: 'model', parts: said }, index: 0, ...more }],
        ...answer,
      })
      if (!request.path.includes('streamGenerateContent')) {
        return { chunks: [JSON.stringify(chunk(parts, { finishReason: 'STOP' }))] }
      }
      return sse([
        ...parts.map((part) => chunk([part])),
        chunk([{ text: '' }], { finishReason: 'STOP' }),
      ])
    },
  })
}

function checkSignatures(ledger: Ledger, parts: readonly JsonObject[], path: string): void {
  for (const [at, part] of parts.entries()) {
    const { thoughtSignature: signature, functionCall: call } = part
    if (signature === undefined || signature === SENTINEL) continue
    if (!isObject(call)) throw new Refused(`${path}.parts[${at}]: Corrupted thought signature.`)
    const belongsTo = `${String(call['name'])}${JSON.stringify(call['args'])}`
    ledger.accept(
      String(signature),
      belongsTo,
      `${path}.parts[${at}]: Corrupted thought signature.`,
    )
  }
}

function requireFirst(parts: readonly JsonObject[], at: number): void {
  const first = parts.find((part) => isObject(part['functionCall']))
  if (first === undefined || typeof first['thoughtSignature'] === 'string') return
  throw new Refused(
    `Function call is missing a thought_signature in functionCall parts, contents[${at}].`,
  )
}
