// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: MISTRAL_CHAT,
  reads(reason) {
    if (reason === 'tool-calls') return reason
    return decodeFinish(encodeFinish({ reason }, { own: false }), []).reason
  },
  citations: () => false,
}
