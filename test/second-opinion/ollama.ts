// An /api/chat or /api/generate answer, by its fact sheet alone: one line, or many that end in one with `done`.
import {
  type Heard,
  callLine,
  countAt,
  listAt,
  nothingHeard,
  objectAt,
  objectsIn,
  textAt,
} from './heard.ts'

export function ollamaHeard(bytes: string): Heard {
  const heard = nothingHeard()
  for (const line of objectsIn(bytes)) {
    const message = objectAt(line, 'message')
    heard.text += textAt(message, 'content') + textAt(line, 'response')
    heard.thoughts += textAt(message, 'thinking') + textAt(line, 'thinking')
    for (const call of listAt(message, 'tool_calls')) {
      const callee = objectAt(call, 'function')
      heard.calls.push(callLine(textAt(callee, 'name'), callee['arguments']))
    }
    if (line['done'] !== true) continue
    heard.finish = textAt(line, 'done_reason')
    heard.input = countAt(line, 'prompt_eval_count')
    heard.output = countAt(line, 'eval_count')
  }
  return heard
}
