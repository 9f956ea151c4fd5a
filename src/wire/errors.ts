// What can be wrong with bytes and JSON, before anyone knows which protocol they are.

export type WireErrorCode =
  | 'not_json'
  | 'not_utf8'
  | 'too_deep'
  | 'duplicate_key'
  | 'line_too_long'
  | 'frame_too_large'
  | 'body_too_large'
  | 'wrong_type'
  | 'missing'

export class WireError extends Error {
  override readonly name: string = 'WireError'
  readonly code: WireErrorCode
  /** A JSON path such as `messages[2].content`, where one is known. */
  readonly path: string | undefined

  constructor(code: WireErrorCode, message: string, path?: string) {
    super(message)
    this.code = code
    this.path = path
  }
}
