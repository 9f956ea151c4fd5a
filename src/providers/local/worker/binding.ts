// The part of node-llama-cpp that the worker uses. The package is not installed with Patchbay, so its types are not here either.
// After its documentation and its declarations, version 3.22.1.

/** A number in the engine, opaque here. */
type Token = number

interface PromptText {
  tokenize(tokenizer: Model['tokenizer']): Token[]
}

export type HistoryItem =
  | { readonly type: 'system'; readonly text: string }
  | { readonly type: 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] }

export interface ChatWrapper {
  generateContextState(options: { readonly chatHistory: readonly HistoryItem[] }): {
    readonly contextText: PromptText
  }
}

export interface Grammar {
  readonly trimWhitespaceSuffix: boolean
}

interface GrammarState {
  readonly clone: () => GrammarState
}

export interface EvaluateOptions {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly grammarEvaluationState?: GrammarState
  readonly repeatPenalty?: {
    readonly punishTokens: () => Token[]
    readonly penalty?: number
    readonly presencePenalty?: number
    readonly frequencyPenalty?: number
  }
}

export interface Sequence {
  readonly contextSize: number
  readonly nextTokenIndex: number
  compareContextTokens(tokens: readonly Token[]): { readonly firstDifferentIndex: number }
  adaptStateToTokens(tokens: readonly Token[], allowShift?: boolean): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>
  evaluate(tokens: readonly Token[], options?: EvaluateOptions): AsyncIterable<Token>
}

interface Context {
  getSequence(): Sequence
}

export interface EmbeddingContext {
  /** With the tokens that the model wants around it. */
  calculateInputLength(input: readonly Token[]): number
  getEmbeddingFor(input: readonly Token[]): Promise<{ readonly vector: readonly number[] }>
}

export interface Model {
  readonly tokenizer: unknown
  readonly trainContextSize: number
  readonly fileInfo: {
    readonly metadata: { readonly tokenizer?: { readonly chat_template?: string } }
  }
  tokenize(text: string): Token[]
  detokenize(tokens: readonly Token[], special?: boolean, last?: readonly Token[]): string
  createContext(options: {
    readonly contextSize: number
    readonly sequences: number
    readonly threads: number
  }): Promise<Context>
  createEmbeddingContext(options: {
    readonly contextSize: number
    readonly threads: number
  }): Promise<EmbeddingContext>
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<Model>
  getGrammarFor(type: 'json'): Promise<Grammar>
  createGrammarForJsonSchema(schema: unknown): Promise<Grammar>
}

export interface Binding {
  getLlama(options: {
    readonly build: 'never'
    readonly skipDownload: true
    readonly gpu: 'auto' | false
    readonly logLevel: 'error'
    readonly progressLogs: false
    readonly maxThreads: number
  }): Promise<Llama>
  resolveChatWrapper(model: Model, options?: { readonly type: 'jinjaTemplate' }): ChatWrapper
  readonly LlamaGrammarEvaluationState: new (options: {
    readonly model: Model
    readonly grammar: Grammar
  }) => GrammarState
}
