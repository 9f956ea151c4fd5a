// Talking at a terminal, turn by turn: a line is a question, a slash starts a command, Ctrl-C stops the answer, then quits.
import { createInterface } from 'node:readline/promises'
import { toFailure } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'
import type { Conversation } from './conversation.ts'

const HELP = `/model [name]  show or change the model
/reset         forget the conversation
/exit          leave (or Ctrl-D)
Ctrl-C         stop the answer; a second time: leave`

/** Runs until the person leaves. A failed answer is told and the conversation goes on. */
export async function repl(terminal: Terminal, conversation: Conversation): Promise<void> {
  const lines = createInterface({
    input: terminal.stdin,
    output: terminal.stdout,
    terminal: terminal.stdin.isTTY === true,
  })
  let answering: AbortController | undefined
  lines.on('SIGINT', () => {
    if (answering === undefined) lines.close()
    else answering.abort()
  })
  const answer = async (question: string): Promise<void> => {
    answering = new AbortController()
    const { signal } = answering
    try {
      await conversation.say(question, {
        signal,
        onText: (text) => terminal.stdout.write(text),
      })
      terminal.stdout.write('\n\n')
    } catch (thrown) {
      terminal.stdout.write('\n')
      if (signal.aborted) say(terminal, '(stopped)')
      else tell(terminal, thrown)
    } finally {
      answering = undefined
    }
  }
  say(terminal, 'Ask anything; /help shows the commands.')
  lines.setPrompt('> ')
  lines.prompt()
  for await (const line of lines) {
    const words = line.trim()
    if (words === '/exit' || words === '/quit') break
    if (words.startsWith('/')) say(terminal, command(words, conversation))
    else if (words !== '') await answer(words)
    lines.prompt()
  }
  lines.close()
}

function tell(terminal: Terminal, thrown: unknown): void {
  const failure = toFailure(thrown)
  say(terminal, failure.message)
  if (failure.next !== undefined) say(terminal, `  ${failure.next}`)
}

/** Carries out a slash command and says what came of it. */
function command(words: string, conversation: Conversation): string {
  const [name, ...rest] = words.split(/\s+/)
  switch (name) {
    case '/reset':
      conversation.reset()
      return 'The conversation starts anew.'
    case '/model':
      if (rest[0] !== undefined) conversation.model = rest[0]
      return `Model: ${conversation.model ?? '(the default)'}`
    case '/help':
      return HELP
    default:
      return `There is no command ${name}.\n${HELP}`
  }
}
