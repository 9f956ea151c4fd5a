// What this wire can say of an answer that came from elsewhere.
import type { AnswerRules } from '../answer-losses.ts'
import { ObjectReader } from '../../wire/json.ts'
import { isTellable } from './citations.ts'
import { printFinish, readFinish } from './finish.ts'
import { DIALECT } from './wire-types.ts'

export const answerRules: AnswerRules = {
  dialect: DIALECT,
  reads(reason) {
    const printed = printFinish({ reason }, { own: false })
    return printed === undefined
      ? 'error'
      : (readFinish(new ObjectReader(printed, ''))?.reason ?? 'other')
  },
  stopSequence: true,
  citations: isTellable,
  quotes: true,
  // That a transcript stands for the sound is said of the part.
  transcripts: true,
}
