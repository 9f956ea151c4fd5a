// Values that say nothing: hosts fill every chunk with them.
import { type Json, isArray, isObject } from '../../wire/json.ts'

export function isSaying(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false
  if (isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}
