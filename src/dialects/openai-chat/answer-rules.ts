// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { encodeAnnotation } from './citations.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: OPENAI_CHAT,
  reads(reason) {
    // That it calls or refuses stands in the message.
    if (reason === 'tool-calls' || reason === 'refusal') return reason
    return decodeFinish(encodeFinish({ reason }, { own: false, legacyCalls: false }), []).reason
  },
  logprobs: true,
  citations: (citation) => encodeAnnotation(citation) !== undefined,
  transcripts: true,
}
