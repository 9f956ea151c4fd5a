// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { printFinish, readFinish } from './finish.ts'
import { GEMINI } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: GEMINI,
  reads(reason) {
    if (reason === 'tool-calls') return reason
    return readFinish(printFinish({ reason }, { own: false }), false)?.reason ?? 'other'
  },
  logprobs: true,
  citations: ({ url }) => url !== undefined,
}
