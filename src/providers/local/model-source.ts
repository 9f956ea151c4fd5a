// A place that has the embedded model.
import type { Artifact } from './artifact.ts'
import type { RunCommand } from './command.ts'

export interface SourceOptions {
  readonly artifact: Artifact
  /** Where the file is to be made. Its neighbours are free for temporary files of the same name with an ending. */
  readonly path: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly run: RunCommand
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number, totalBytes: number) => void
}

export interface ModelSource {
  /** For people. */
  readonly name: string
  /** Makes the file, unverified, or throws a GatewayError that says why this place could not. */
  readonly bring: (options: SourceOptions) => Promise<void>
}
