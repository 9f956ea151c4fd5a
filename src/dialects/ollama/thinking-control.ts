// How much to think, as `think` can say it: a switch for most models, a level for some, nothing for those that cannot.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { reasoning } from '../lowering/reasoning.ts'
import { omit } from '../lowering/rewrite.ts'
import type { OllamaFlags } from './flags.ts'
import { LEVELS } from './think.ts'

export function thinkingControl(flags: OllamaFlags): Pass {
  if (!flags.thinking) return withoutThinking
  const said = reasoning({ speaks: 'level', efforts: flags.thinkLevels ? LEVELS : [] })
  return flags.thinkLevels ? (request) => runPasses(request, [said, neverOff]) : said
}

const withoutThinking: Pass = (request) => {
  if (request.reasoning === undefined) return { value: request, notes: [] }
  // Off is what such a model does anyway.
  const off = request.reasoning.mode === 'off' || request.reasoning.effort === 'none'
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning',
    path: 'reasoning',
    weight: off ? 0 : 2,
    reason: 'the model cannot think, and Ollama refuses to be asked',
  }
  return { value: omit(request, ['reasoning']), notes: [note] }
}

// gpt-oss ignores `false`: the least it can do is think a little.
const neverOff: Pass = (request) => {
  if (request.reasoning?.mode !== 'off') return { value: request, notes: [] }
  const note: Note = {
    action: 'approximated',
    feature: 'reasoning_effort',
    path: 'reasoning.mode',
    weight: 2,
    reason: 'the model cannot be told not to think; it is asked to think least',
    from: 'off',
    to: 'low',
  }
  const value: ChatRequest = {
    ...request,
    reasoning: { ...request.reasoning, mode: 'on', effort: 'low' },
  }
  return { value, notes: [note] }
}
