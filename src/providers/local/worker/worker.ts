// The process that holds the model. It lives as long as the channel to its parent.
import { pathToFileURL } from 'node:url'
import { GatewayError } from '../../../canonical/errors.ts'
import type { Binding, ChatWrapper, Model } from './binding.ts'
import { type Loaded, assertFits, generate, promptTokens } from './generate.ts'
import { type FromWorker, type Job, type LoadOrder, isToWorker } from './protocol.ts'
import { Sequences } from './sequences.ts'

interface Running {
  readonly loaded: Loaded
  readonly sequences: Sequences
  readonly contextTokens: number
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
  const contextTokens = Math.min(order.contextTokens, model.trainContextSize)
  const context = await model.createContext({
    contextSize: contextTokens,
    sequences: order.sequences,
    threads: order.threads,
  })
  const sequences = Array.from({ length: order.sequences }, () => context.getSequence())
  const loaded = { binding, llama, model, wrapper: wrapperOf(binding, model) }
  return { loaded, sequences: new Sequences(sequences), contextTokens }
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

async function run(id: number, job: Job): Promise<void> {
  const controller = new AbortController()
  cancels.set(id, controller)
  try {
    if (running === undefined) throw new Error('No model has been loaded.')
    const { loaded, sequences, contextTokens } = await running
    const tokens = promptTokens(loaded, job)
    assertFits(tokens, contextTokens)
    const sequence = sequences.take(tokens)
    if (sequence === undefined) throw new Error('All sequences are taken.')
    try {
      tell({ type: 'begun', id })
      const end = await generate(loaded, {
        job,
        tokens,
        sequence,
        signal: controller.signal,
        now: () => performance.now(),
        onText: (text) => tell({ type: 'text', id, text }),
      })
      tell({ type: 'ended', id, end })
    } finally {
      sequences.give(sequence)
    }
  } catch (error) {
    const known = error instanceof GatewayError
    const kind = known ? error.kind : 'internal'
    const message = known ? error.message : `The model failed: ${String(error)}`
    tell({ type: 'refused', id, kind, message })
  } finally {
    cancels.delete(id)
  }
}

async function start(order: LoadOrder): Promise<void> {
  running = load(order)
  try {
    const { contextTokens } = await running
    tell({ type: 'loaded', contextTokens })
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
      void run(message.id, message.job)
      return
    case 'cancel':
      cancels.get(message.id)?.abort()
      return
  }
})

// The parent has gone, be it by a crash: nobody is left to answer.
process.on('disconnect', () => process.exit())
