// The library: providers behind one door, for code that calls language models.
export type { Cost } from './canonical/cost.ts'
export type { Policy, Note, Verdict } from './canonical/note.ts'
export { GatewayError } from './canonical/errors.ts'
export type { ErrorDetails, ErrorKind, ErrorOrigin, UpstreamFailure } from './canonical/errors.ts'
export type { ChatEvent, PartDelta } from './canonical/event.ts'
export type { EmbedInput, EmbedRequest, EmbedSettings, Vector } from './canonical/embedding.ts'
export type { ModelCard } from './canonical/model-card.ts'
export type { Part } from './canonical/part.ts'
export type { ChatRequest, OutputFormat, ReasoningControl, Role } from './canonical/request.ts'
export type { FinishReason } from './canonical/response.ts'
export type { TokenCount } from './canonical/token-count.ts'
export type { Tool, ToolChoice } from './canonical/tool.ts'
export type { Usage } from './canonical/usage.ts'
export type {
  BytesReply,
  ChatExchange,
  ChatReply,
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
  Exchange,
  Handler,
  Middleware,
  PassedPiece,
  PassedText,
  Reply,
  Source,
  StreamReply,
  Target,
  WholeReply,
} from './exchange/exchange.ts'
export type { CacheAsk } from './exchange/answer-cache.ts'
export type { Credential, Rotation } from './exchange/credential.ts'
export type { Steps, Watcher } from './exchange/steps.ts'
export type { Attempt, Trail } from './exchange/trail.ts'
export type { Happening } from './exchange/happening.ts'
export { Happenings } from './exchange/happenings.ts'
export type {
  Explanation,
  JudgedNote,
  PlannedTarget,
  RouteExplanation,
} from './pipeline/explanation.ts'
export { LLMProvider, ProviderManager } from './pipeline/library.ts'
export type { ManagerOptions } from './pipeline/library.ts'
export type { ExplainOptions, Question, WireQuestion } from './pipeline/question.ts'
export { BaseProvider } from './providers/base-provider.ts'
export type { Locality } from './providers/base-provider.ts'
export type { CallPlan, InnerCall, OutgoingCall } from './providers/call-plan.ts'
export { textAnswer } from './providers/chat-answer.ts'
export type { ChatAnswer as ChatResponse, MinimalAnswer } from './providers/chat-answer.ts'
export { messageText } from './providers/chat-message.ts'
export type { ChatMessage, ChatOptions, ToolCall } from './providers/chat-message.ts'
export type { EmbedAnswer, EmbedOptions, MinimalEmbedAnswer } from './providers/embed-answer.ts'
export type { HealthReport } from './providers/health.ts'
export type {
  CloudStatus,
  LLMChatOptions,
  LLMProviderOptions,
  LLMStatus,
} from './providers/llm-provider.ts'
export type {
  ManagerChatOptions,
  ManagerEmbedOptions,
  ManagerStatus,
  RegisterOptions,
} from './providers/manager.ts'
export type { FetchProgress, OnProgress } from './providers/local/progress.ts'
export type { ModelInfo } from './providers/model-info.ts'
export { ProviderType } from './providers/provider-config.ts'
export type {
  ConfigSource,
  CredentialConfig,
  ProviderConfig,
  ProviderContext,
  ProviderSettings,
  ProviderTimeouts,
} from './providers/provider-config.ts'
export type { ProviderStatus } from './providers/provider-status.ts'
export type { ProviderFactory } from './providers/provider-types.ts'
export type { ProviderLimits, ProviderStats } from './providers/tracker.ts'
export type { CacheSetup } from './resilience/cache/cache-setup.ts'
export type { EntryStore } from './resilience/cache/entry-store.ts'
export type { BreakerState } from './resilience/circuit-breaker.ts'
export type { CredentialStanding, KeyRing } from './resilience/key-ring.ts'
export type { ResilienceOptions } from './resilience/resilience-options.ts'
export type { Standing, TargetHealth } from './resilience/target-health.ts'
export type { Route, RouteTarget, StrategyName } from './routing/route.ts'
export type { RouteTable } from './routing/route-table.ts'
export type { LimitRule, LimitScope, Quota } from './resilience/limits/limit-rule.ts'
export type { Forecast } from './usage/forecast.ts'
export type { ModelPrice, Rates } from './usage/price.ts'
export type { PriceSetting } from './usage/price-setting.ts'
export { Secret } from './vault/secret.ts'
