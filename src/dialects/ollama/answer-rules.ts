// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { printFinish, readFinish } from './finish.ts'
import { DIALECT } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: DIALECT,
  reads(reason) {
    if (reason === 'tool-calls') return reason
    return readFinish(printFinish({ reason }, 'foreign'), false).reason
  },
  logprobs: true,
  // Those are said of each part, with all else that it loses.
  transcripts: true,
}
