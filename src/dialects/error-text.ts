// What the words of a failure tell, whichever wire they came over: hosts and the servers behind them borrow each other's.

const LONGEST = 2000
const MARKUP = /^<|<\/?[a-z!][^>]*>/i

/** Text that a person can read in an error; undefined for anything else: nothing, no text, a page of HTML. Cut to 2,000 characters. */
export function readableText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (text === '' || MARKUP.test(text)) return undefined
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}

/** Lower case; each is a wording of a vendor or of a server that speaks its protocol. */
const TOO_LONG: readonly string[] = [
  'prompt is too long',
  'input is too long',
  'context length',
  'context_length_exceeded',
  'context window',
  'context size',
  'exceed_context_size_error',
  'exceed context limit',
  'exceeds the context',
  'maximum context',
  'input length and max_tokens exceed',
  'reduce the length of the messages',
  'maximum number of tokens',
  'too many tokens',
]

/** Whether an error says that the conversation is longer than the model can read. */
export function saysTooLong(message: string): boolean {
  const words = message.toLowerCase()
  return TOO_LONG.some((phrase) => words.includes(phrase))
}
