// Counts the commands in what a client says to Redis (RESP: an array of bulk strings each), in whatever pieces it comes.

export class RespCommands {
  #text = Buffer.alloc(0)
  /** Bulk strings still to come of the command that has begun. */
  #parts = 0

  /** How many commands have become whole with these bytes. */
  write(bytes: Buffer): number {
    this.#text = Buffer.concat([this.#text, bytes])
    let whole = 0
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end === -1) return whole
      const line = this.#text.toString('latin1', 0, end)
      const size = Number(line.slice(1))
      if (line.startsWith('*')) {
        this.#parts = size
        this.#drop(end + 2)
        continue
      }
      if (this.#text.length < end + 2 + size + 2) return whole
      this.#drop(end + 2 + size + 2)
      this.#parts -= 1
      if (this.#parts === 0) whole += 1
    }
  }

  #drop(count: number): void {
    this.#text = this.#text.subarray(count)
  }
}
