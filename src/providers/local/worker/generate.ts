// One generation: prompt in, tokens out, one by one, so that it can stop after any of them.
import { GatewayError } from '../../../canonical/errors.ts'
import type {
  Binding,
  ChatWrapper,
  EvaluateOptions,
  Grammar,
  HistoryItem,
  Llama,
  Model,
  Sequence,
} from './binding.ts'
import type { Job, JobEnd } from './protocol.ts'
import { StopMatcher } from './stop-matcher.ts'
import { TokenText } from './token-text.ts'

/** A model in memory. */
export interface Loaded {
  readonly binding: Binding
  readonly llama: Llama
  readonly model: Model
  readonly wrapper: ChatWrapper
}

export interface Generation {
  readonly job: Job
  readonly tokens: readonly number[]
  readonly sequence: Sequence
  readonly signal: AbortSignal
  readonly now: () => number
  readonly onText: (text: string) => void
}

// The engine's JSON grammars end in four line breaks, because small models do not come to an end by themselves.
const GRAMMAR_END = '\n\n\n\n'
/** How many tokens back the repeat penalty looks. */
const PENALTY_WINDOW = 64
/** Tokens of the prompt that are read between two looks at whether anyone still waits. */
const PROMPT_STEP = 256

/** The whole conversation in the model's own chat template. */
export function promptTokens(loaded: Loaded, job: Job): number[] {
  const history = job.turns.map((turn): HistoryItem => {
    if (turn.role === 'assistant') return { type: 'model', response: [turn.text] }
    return { type: turn.role, text: turn.text }
  })
  const open: readonly HistoryItem[] =
    job.turns.at(-1)?.role === 'assistant' ? [] : [{ type: 'model', response: [''] }]
  const { contextText } = loaded.wrapper.generateContextState({
    chatHistory: [...history, ...open],
  })
  return contextText.tokenize(loaded.model.tokenizer)
}

/** Refuses a prompt that leaves no room for an answer. */
export function assertFits(tokens: readonly number[], contextTokens: number): void {
  if (tokens.length < contextTokens) return
  throw new GatewayError(
    'context_length',
    `The conversation is ${tokens.length} tokens long, and this model takes ${contextTokens} tokens, answer included. Send less text, or choose a model with a larger context.`,
    { origin: 'client', code: 'context_length_exceeded', param: 'messages' },
  )
}

export async function generate(loaded: Loaded, generation: Generation): Promise<JobEnd> {
  const { job, tokens, sequence, signal, now, onText } = generation
  const grammar = await grammarOf(loaded.llama, job)
  const startedAt = now()
  // The last token is read by the generation itself: its outcome is the first new token.
  const known = tokens.slice(0, -1)
  await sequence.adaptStateToTokens(known, false)
  const cachedTokens = sequence.nextTokenIndex
  for (let at = cachedTokens; at < known.length && !signal.aborted; at += PROMPT_STEP) {
    await sequence.evaluateWithoutGeneratingNewTokens(known.slice(at, at + PROMPT_STEP))
  }
  const readAt = now()

  const text = new TokenText((some, before) => loaded.model.detokenize(some, false, before))
  const matcher = new StopMatcher(grammar === undefined ? job.stop : [...job.stop, GRAMMAR_END])
  const room = sequence.contextSize - tokens.length
  const limit = Math.min(job.maxTokens, room)
  let outputTokens = 0
  let reason: JobEnd['reason'] = signal.aborted ? 'cancelled' : limit === 0 ? 'length' : 'stop'
  const say = (piece: string): void => {
    if (piece !== '') onText(piece)
  }
  if (reason === 'stop') {
    const options = evaluateOptions(loaded, { job, text, grammar })
    for await (const token of sequence.evaluate(tokens.slice(-1), options)) {
      if (signal.aborted) {
        reason = 'cancelled'
        break
      }
      outputTokens += 1
      say(matcher.write(text.write(token)))
      if (matcher.found !== undefined) break
      if (outputTokens >= limit) {
        reason = limit === room ? 'context-length' : 'length'
        break
      }
    }
  }
  say(matcher.write(text.finish()))
  say(matcher.finish())
  const { found } = matcher
  const stopped = found !== undefined && job.stop.includes(found)
  return {
    reason: stopped ? 'stop-sequence' : reason,
    ...(stopped ? { stopSequence: found } : {}),
    inputTokens: tokens.length,
    cachedTokens,
    outputTokens,
    promptMs: readAt - startedAt,
    outputMs: now() - readAt,
  }
}

async function grammarOf(llama: Llama, job: Job): Promise<Grammar | undefined> {
  if (job.json === undefined) return undefined
  if (job.json === true) return llama.getGrammarFor('json')
  try {
    return await llama.createGrammarForJsonSchema(job.json)
  } catch (error) {
    throw new GatewayError(
      'invalid_request',
      'The JSON schema of the answer could not be turned into a grammar. Use plain objects, arrays, strings, numbers, enums and $defs.',
      { origin: 'client', param: 'output.format.schema', cause: error },
    )
  }
}

function evaluateOptions(
  { binding, model }: Loaded,
  about: {
    readonly job: Job
    readonly text: TokenText
    readonly grammar: Grammar | undefined
  },
): EvaluateOptions {
  const { job, text, grammar } = about
  const { temperature, topP, topK, minP, seed } = job
  const { repeatPenalty: penalty, presencePenalty, frequencyPenalty } = job
  return {
    temperature,
    topP,
    topK,
    minP,
    ...(seed === undefined ? {} : { seed }),
    ...(grammar === undefined
      ? {}
      : { grammarEvaluationState: new binding.LlamaGrammarEvaluationState({ model, grammar }) }),
    repeatPenalty: {
      punishTokens: () => text.last(PENALTY_WINDOW),
      penalty,
      presencePenalty,
      frequencyPenalty,
    },
  }
}
