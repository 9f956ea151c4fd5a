// The contract of what keeps texts for a time under keys. Each method rejects where the place is lost.

export interface EntryStore {
  get(key: string): Promise<string | undefined>
  set(key: string, text: string, ttlMs: number): Promise<void>
  /** Sets it where nothing is; else gives what is there. Of several at once, one sets it. */
  claim(key: string, text: string, ttlMs: number): Promise<string | undefined>
  remove(key: string): Promise<void>
  close(): Promise<void>
}
