// An answer whose provider says half of it and is silent from then on, until the test has it say more.
import { chunk } from '../bugs/chunks.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { frame, stream } from '../openai-replies.ts'

/** Its first chunk. */
export const HALF_FRAME: string = frame(chunk({ role: 'assistant', content: 'half' }))

export const HALF: ScriptedReply = stream([HALF_FRAME], 'stall')
