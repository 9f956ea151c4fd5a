// Who is let in before anything is read: under pressure, nothing large, and in the end nothing but what is critical.
import type { GatewayError } from '../canonical/errors.ts'
import type { Tell } from '../exchange/happening.ts'
import { overloaded } from '../resilience/admission.ts'
import type { Load } from '../resilience/load.ts'
import { PROCESS } from '../resilience/overload-options.ts'

export interface DoorOptions {
  readonly load: Load
  /** 0 to 1. */
  readonly random: () => number
  readonly tell: Tell
  /** Bytes that are free up to this share of the memory for objects. */
  readonly room: (share: number) => number
  /** The share of memory from which large bodies are refused. */
  readonly memorySoft?: number
}

export interface Arrival {
  readonly id: string
  /** Routes of the admin, and those that tell how the server is. */
  readonly isCritical: boolean
  /** Bytes of the body as announced; Infinity where they are not. */
  readonly bytes: number
}

/** Smaller ones always fit. */
const SMALL_BYTES = 64 * 1024
/** A body is there as bytes, as text, as JSON, as a request and as the text that goes out, with what is left over on the way. */
const COPIES = 16

export class Door {
  readonly #options: DoorOptions
  /** Bytes that bodies on their way are going to take. */
  #promised = 0

  constructor(options: DoorOptions) {
    this.#options = options
  }

  /** Whether clients are better served by another gateway, so that their connections end. */
  get isCrowded(): boolean {
    return this.#options.load.memory !== 'free'
  }

  /** Gives the way out, to be called once what was read is on its way. Throws GatewayError overloaded. */
  enter({ id, isCritical, bytes }: Arrival): () => void {
    if (isCritical) return nothing
    const { load, room, memorySoft = PROCESS.memorySoft } = this.#options
    if (load.level === 3) throw this.#shed(id, 'lag')
    if (load.memory === 'out') throw this.#shed(id, 'memory')
    if (bytes <= SMALL_BYTES) return nothing
    if (load.memory === 'short') throw this.#shed(id, 'memory')
    // Of one whose length is not announced it shows only when it has been read.
    const needed = Number.isFinite(bytes) ? bytes * COPIES : 0
    if (needed > 0 && this.#promised + needed > room(memorySoft)) throw this.#shed(id, 'memory')
    this.#promised += needed
    return () => {
      this.#promised -= needed
    }
  }

  #shed(id: string, reason: 'lag' | 'memory'): GatewayError {
    const { tell, random } = this.#options
    tell({ type: 'shed', id, reason })
    return overloaded(random)
  }
}

function nothing(): void {}
