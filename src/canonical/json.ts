// JSON as a type. A key whose value is undefined counts as absent, as JSON.stringify has it.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json | undefined
}
