// The wire protocols as a library: codecs between each of them and the canonical model.
export { Collector, collect } from './canonical/collect.ts'
export { GatewayError } from './canonical/errors.ts'
export type { ErrorKind } from './canonical/errors.ts'
export type {
  EmbedInput,
  EmbedRequest,
  EmbedResponse,
  EmbedSettings,
  Vector,
  VectorType,
} from './canonical/embedding.ts'
export type { ChatEvent, PartDelta } from './canonical/event.ts'
export { explode } from './canonical/explode.ts'
export type { Extension, Extensions, Origin } from './canonical/extensions.ts'
export type { HostedSource, HostedWork } from './canonical/hosted-work.ts'
export type { Json, JsonObject } from './canonical/json.ts'
export type { ModelCard } from './canonical/model-card.ts'
export { formatNotes, refusedNotes } from './canonical/note.ts'
export type { Lowered, Note, NoteAction, NoteWeight, Policy } from './canonical/note.ts'
export { textOf } from './canonical/part.ts'
export type {
  Citation,
  MediaPart,
  MediaSource,
  OpaquePart,
  Part,
  ReasoningPart,
  RefusalPart,
  Sealed,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from './canonical/part.ts'
export type {
  ChatRequest,
  Output,
  OutputFormat,
  ReasoningControl,
  Role,
  Sampling,
  Turn,
} from './canonical/request.ts'
export type { Candidate, ChatResponse, Finish, FinishReason } from './canonical/response.ts'
export type { TokenCount } from './canonical/token-count.ts'
export type {
  CustomTool,
  FunctionTool,
  HostedPurpose,
  NativeTool,
  Tool,
  ToolChoice,
} from './canonical/tool.ts'
export { base64Of, numbersOf } from './canonical/vector.ts'
export { mergeUsage, totalTokens } from './canonical/usage.ts'
export type { InputUsage, OutputUsage, Usage } from './canonical/usage.ts'
export type {
  DecodeContext,
  Dialect,
  EncodeContext,
  Endpoint,
  ErrorCodec,
  ModelsCodec,
  Operation,
  Patchable,
  Profile,
  RequestCodec,
  RequestHint,
  ResponseCodec,
  StreamCodec,
  StreamDecoder,
  StreamEncoder,
} from './dialects/dialect.ts'
export type { EmbeddingsCodec } from './dialects/embeddings.ts'
export type { TokenCountCodec } from './dialects/token-counting.ts'
export { dialectById, dialects } from './dialects/registry.ts'
export { WireError } from './wire/errors.ts'
export type { Frame, Framing } from './wire/frame.ts'
export { frameReader, writeFrame } from './wire/framing.ts'
export type { Machine } from './wire/machine.ts'
export type { WireHeaders, WireRequest, WireResponse } from './wire/message.ts'
