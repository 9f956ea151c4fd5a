// The words of the Messages wire: what is printed and compared as text, with the vendor's own spelling.

export const DIALECT = 'anthropic-messages'

/** Sent upstream when the client named none. */
export const DEFAULT_VERSION = '2023-06-01'

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'
  | 'compaction'

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'billing_error'
  | 'permission_error'
  | 'not_found_error'
  | 'conflict_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'api_error'
  | 'overloaded_error'

export type DeltaType =
  | 'text_delta'
  | 'input_json_delta'
  | 'thinking_delta'
  | 'signature_delta'
  | 'citations_delta'
