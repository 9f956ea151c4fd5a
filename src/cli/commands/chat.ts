// patchbay chat: one answer, or a conversation at a terminal.
import { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { Conversation } from '../chat/conversation.ts'
import { openPartner } from '../chat/open-partner.ts'
import { answerJson } from '../chat/partner.ts'
import { repl } from '../chat/repl.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson } from '../options.ts'
import { type Terminal, pipedText, print, printJson } from '../terminal.ts'

interface ChatOptions extends SharedOptions {
  readonly model?: string
  readonly provider?: string
  readonly system?: string
  readonly stream: boolean
}

export function chatCommand(terminal: Terminal): Command {
  return withJson(withConfig(new Command('chat')))
    .description('ask a model; without a message, talk with it')
    .argument('[message...]', 'the question; what is piped in is added to it, or is the question')
    .option('-m, --model <name>', 'a model, provider/model, or an alias (default: the default one)')
    .option('-p, --provider <name>', 'the provider to ask')
    .option('-s, --system <text>', 'the system prompt')
    .option('--no-stream', 'print the answer only when it is whole')
    .option('--url <url>', 'a running Patchbay (default: $PATCHBAY_URL, else the configuration)')
    .option('--key <key>', 'the client key (default: $PATCHBAY_KEY)')
    .action((words: string[], options: ChatOptions) => chat(terminal, words.join(' '), options))
}

async function chat(terminal: Terminal, words: string, options: ChatOptions): Promise<void> {
  const piped = await pipedText(terminal)
  const message = [words, piped ?? ''].filter((text) => text !== '').join('\n\n')
  const talking = message === ''
  if (talking && terminal.stdin.isTTY !== true) {
    throw new CommandFailure('There is no message.', {
      code: EXIT.usage,
      next: 'For example: patchbay chat "Why is the sky blue?"   or: cat notes.txt | patchbay chat "Sum this up"',
    })
  }
  if (talking && options.json === true) {
    throw new CommandFailure('--json needs a message: a conversation is for people.', {
      code: EXIT.usage,
    })
  }
  const partner = await openPartner(terminal, options)
  try {
    const { provider, model, system } = options
    const conversation = new Conversation({ partner, ...compact({ provider, model, system }) })
    if (talking) await repl(terminal, conversation)
    else await answerOnce(terminal, { conversation, message, options })
  } finally {
    await partner.close()
  }
}

interface Asking {
  readonly conversation: Conversation
  readonly message: string
  readonly options: ChatOptions
}

async function answerOnce(
  terminal: Terminal,
  { conversation, message, options }: Asking,
): Promise<void> {
  const whole = options.json === true || !options.stream
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop)
  try {
    const answer = await conversation.say(message, {
      signal: stopping.signal,
      onText: whole ? () => {} : (text) => terminal.stdout.write(text),
    })
    if (options.json === true) printJson(terminal, answerJson(answer))
    else print(terminal, whole ? answer.content : '')
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown
    throw new CommandFailure('Stopped.', { code: EXIT.interrupted, cause: thrown })
  } finally {
    process.off('SIGINT', stop)
  }
}
