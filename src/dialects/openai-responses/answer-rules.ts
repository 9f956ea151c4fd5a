// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { encodeAnnotation } from './citations.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: OPENAI_RESPONSES,
  reads(reason) {
    // That it calls or refuses stands in the items.
    if (reason === 'tool-calls' || reason === 'refusal') return reason
    const { status, why } = encodeFinish({ reason }, '')
    return decodeFinish(status, why, []).reason
  },
  logprobs: true,
  citations: (citation) => encodeAnnotation(citation, { offset: 0, length: 0 }) !== undefined,
}
