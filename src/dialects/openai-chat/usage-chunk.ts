// The chunk that `stream_options.include_usage` adds at the end of a stream: counts, and no choices.
import type { Frame } from '../../wire/frame.ts'
import { isArray, isObject, tryParseJson } from '../../wire/json.ts'

export function isUsageChunk({ data }: Frame): boolean {
  // Nearly all chunks have choices: those need not be parsed a second time.
  if (!/"choices"\s*:\s*\[\s*\]/.test(data)) return false
  const chunk = tryParseJson(data)
  if (!isObject(chunk) || !isObject(chunk['usage'])) return false
  return isArray(chunk['choices']) && chunk['choices'].length === 0
}
