// How a provider may be asked, at no cost, whether it is there.

/** At intervals, only where calls do not tell, or not at all. */
export type ProbeStyle = 'at-intervals' | 'when-idle' | 'never'
