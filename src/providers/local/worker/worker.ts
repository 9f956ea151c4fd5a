// The process that holds the model. It lives as long as the channel to its parent.
import { pathToFileURL } from 'node:url'
import { GatewayError } from '../../../canonical/errors.ts'
import type { Binding, ChatWrapper, Model } from './binding.ts'
import { Contexts } from './contexts.ts'
import { embed } from './embed.ts'
import { type Loaded, assertFits, generate, promptTokens } from './generate.ts'
import {
  type FromWorker,
  type Job,
  type JobEnd,
  type LoadOrder,
  type Order,
  isToWorker,
} from './protocol.ts'

interface Running {
  readonly loaded: Loaded
  readonly contexts: Contexts
}

const cancels = new Map<number, AbortController>()
let running: Promise<Running> | undefined

function tell(message: FromWorker): void {
  process.send?.(message)
}

async function load(order: LoadOrder): Promise<Running> {
  const binding: Binding = await import(pathToFileURL(order.engineEntry).href)
  const llama = await binding.getLlama({
    build: 'never',
    skipDownload: true,
    gpu: order.gpu,
    logLevel: 'error',
    progressLogs: false,
    maxThreads: order.threads,
  })
  const model = await llama.loadModel({ modelPath: order.modelPath })
  const loaded = { binding, llama, model, wrapper: wrapperOf(binding, model) }
  return { loaded, contexts: new Contexts(model, order) }
}

// Left to itself the binding takes its own wrapper where it knows the template's family, and that one puts a
// second BOS token before the prompt of SmolLM2. The template in the file is what the model was trained with.
function wrapperOf(binding: Binding, model: Model): ChatWrapper {
  if (model.fileInfo.metadata.tokenizer?.chat_template === undefined) {
    return binding.resolveChatWrapper(model)
  }
  try {
    return binding.resolveChatWrapper(model, { type: 'jinjaTemplate' })
  } catch {
    return binding.resolveChatWrapper(model)
  }
}

async function obey(order: Order & { readonly id: number }): Promise<void> {
  const { id } = order
  const controller = new AbortController()
  cancels.set(id, controller)
  try {
    if (running === undefined) throw new Error('No model has been loaded.')
    tell(await outcome(order, await running, controller.signal))
  } catch (error) {
    const known = error instanceof GatewayError
    const kind = known ? error.kind : 'internal'
    const message = known ? error.message : `The model failed: ${String(error)}`
    tell({ type: 'refused', id, kind, message })
  } finally {
    cancels.delete(id)
  }
}

async function outcome(
  order: Order & { readonly id: number },
  { loaded, contexts }: Running,
  signal: AbortSignal,
): Promise<FromWorker> {
  const { id } = order
  switch (order.type) {
    case 'run':
      return {
        type: 'ended',
        id,
        end: await run({ id, job: order.job }, { loaded, contexts }, signal),
      }
    case 'count':
      return { type: 'counted', id, tokens: promptTokens(loaded, order.job).length }
    case 'embed': {
      const { texts, truncate } = order
      const { model } = loaded
      const memory = await contexts.embeddings()
      return {
        type: 'embedded',
        id,
        ...(await embed({ model, texts, truncate, signal, ...memory })),
      }
    }
  }
}

async function run(
  { id, job }: { readonly id: number; readonly job: Job },
  { loaded, contexts }: Running,
  signal: AbortSignal,
): Promise<JobEnd> {
  const { sequences, contextTokens } = await contexts.conversations()
  const tokens = promptTokens(loaded, job)
  assertFits(tokens, contextTokens)
  const sequence = sequences.take(tokens)
  if (sequence === undefined) throw new Error('All sequences are taken.')
  try {
    tell({ type: 'begun', id })
    return await generate(loaded, {
      job,
      tokens,
      sequence,
      signal,
      now: () => performance.now(),
      onText: (text) => tell({ type: 'text', id, text }),
    })
  } finally {
    sequences.give(sequence)
  }
}

async function start(order: LoadOrder): Promise<void> {
  running = load(order)
  try {
    await running
    tell({ type: 'loaded' })
  } catch (error) {
    tell({ type: 'load-failed', message: error instanceof Error ? error.message : String(error) })
  }
}

process.on('message', (message) => {
  if (!isToWorker(message)) return
  switch (message.type) {
    case 'load':
      void start(message)
      return
    case 'run':
    case 'embed':
    case 'count':
      void obey(message)
      return
    case 'cancel':
      cancels.get(message.id)?.abort()
      return
  }
})

// The parent has gone, be it by a crash: nobody is left to answer.
process.on('disconnect', () => process.exit())
