// The turn after a recorded call: the client gives results, and its upstream must hear what it had said, and them.
import { type Json, isObject } from '../../../src/wire/json.ts'
import { leavesOf } from '../../captures/leaves.ts'
import type { Answer, Told } from '../../replay/recorded/told.ts'
import type { Conversation } from '../clients/client.ts'
import { documented } from './documented.ts'
import type { Outcome, Trial } from './judge.ts'

/** Whether there is one: it ended in calls that are whole. */
export function goesOn(told: Told, outcome: Outcome): boolean {
  if (told.kind !== 'answered' || 'thrown' in outcome) return false
  const { calls, ending } = told.answer
  const isSeen = outcome.reply.calls.length === calls.length
  return (
    ending === 'tools' && calls.length > 0 && isSeen && calls.every((call) => isObject(call.input))
  )
}

/** `heard`: the last request that the upstream got. */
export async function judgeNextTurn(
  { conversation, answer }: { conversation: Conversation; answer: Answer },
  heard: () => Json | undefined,
  at: Trial,
): Promise<void> {
  const { scale, mode, client, kind } = at
  const thinks = answer.thinking !== '' || answer.seals.length > 0
  if (thinks && kind.blind?.includes('thinking-loop') === true) {
    return scale.excuse('a next turn', 'declared')
  }
  const results = answer.calls.map(({ name }, index) => `${index}: ${name} found 18 °C`)
  conversation.give(results)
  try {
    await conversation.next(mode)
  } catch (thrown) {
    return scale.check('a next turn', `threw ${client.failure(thrown).message}`, 'answered')
  }
  scale.check('a next turn', 'answered', 'answered')
  const leaves = leavesOf(heard() ?? null)
  const missing = (wanted: readonly string[]): readonly string[] =>
    wanted.filter((want) => !leaves.some((leaf) => leaf.includes(want)))
  scale.check('results that it gives back', missing(results), [])
  const inputs = answer.calls.flatMap(({ input }) => leavesOf(input))
  scale.check('calls that it gives back', missing(inputs), [])
  if (answer.seals.length === 0) return
  const why = sealsLost(at)
  const lost = answer.seals.filter((seals) => missing(seals).length === seals.length)
  if (why === undefined) scale.check('seals that it gives back', lost, [])
  else scale.excuse('seals that it gives back', why)
}

function sealsLost({ kind, protocol, one }: Trial): string | undefined {
  if (kind.blind?.includes('seals') === true) return 'declared'
  const sign = documented(protocol, one.protocol, 'signed thinking answered')
  return sign === '○' ? 'docs/matrix.md' : undefined
}
