/** What the agent writes to $ARMATURE_STATS when Python ends. */
export interface AgentStatistics {
  readonly layout: number;
  readonly pid: number;
  readonly requests: number;
  readonly osr_entries: number;
  readonly arena_bytes: number;
  readonly unit_list: readonly AgentUnit[];
  readonly refusals: readonly AgentRefusal[];
}

export interface AgentPlace {
  readonly code: string;
  readonly file: string;
  /** First line of the function. */
  readonly line: number;
  /** Line of the place itself: the head of the loop. */
  readonly placeLine: number;
  readonly kind: 'entry' | 'osr';
  readonly offset: number;
}

export interface AgentUnit extends AgentPlace {
  readonly entries: number;
  readonly nanoseconds: number;
  readonly bytes: number;
  /** Its guards failed too often. */
  readonly disabled: boolean;
  readonly exits: readonly AgentExit[];
  readonly text: readonly { readonly exit: number; readonly reason: string; readonly code: number; readonly offset: number }[];
}

export interface AgentExit {
  readonly exit: number;
  readonly kind: 'deopt' | 'exception' | 'safepoint' | 'return' | 'unsupported';
  readonly offset: number;
  readonly taken: number;
  /** Name of the type that was met instead of the expected one. */
  readonly observed: string;
}

export interface AgentRefusal extends AgentPlace {
  readonly reason: string;
}

/** Undefined when the text is not what the agent writes (the process was killed while it wrote, say). */
export function parseAgentStatistics(text: string): AgentStatistics | undefined {
  try {
    const value = JSON.parse(text) as AgentStatistics;
    return Array.isArray(value.unit_list) && Array.isArray(value.refusals) ? value : undefined;
  } catch {
    return undefined;
  }
}
