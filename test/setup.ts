// Properties run the same cases every time; PATCHBAY_SEED tries others, and a failure prints the seed it had.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env['PATCHBAY_SEED'] ?? 20_261_122) })
