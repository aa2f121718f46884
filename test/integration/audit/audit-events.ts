import { basic, basicPath, type World } from '../access/application.js';

export const auditorPassword = 'audrey-passphrase-6';

export interface AuditEvent {
  readonly id: string;
  readonly meta: {
    readonly lastUpdated: string;
    readonly profile?: readonly string[];
    readonly tag?: readonly object[];
  };
  readonly type: { readonly code: string };
  readonly subtype: readonly { readonly code: string }[];
  readonly action: string;
  readonly outcome: string;
  readonly outcomeDesc?: string;
  readonly agent: readonly Readonly<Record<string, unknown>>[];
  readonly entity: readonly {
    readonly what?: { readonly reference?: string; readonly identifier?: { readonly value: string } };
    readonly query?: string;
  }[];
}

/** What the auditor finds, over HTTP; with `_summary=count` the number as the only element. */
export async function eventsOf(world: World, query: string): Promise<readonly AuditEvent[]> {
  const answer = await world.call({
    url: `${basicPath}/AuditEvent?${query}`,
    headers: basic('audrey', auditorPassword),
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  const { entry = [], total } = answer.json<{ entry?: { resource: AuditEvent }[]; total?: number }>();
  return query.includes('_summary=count')
    ? [total as unknown as AuditEvent]
    : entry.map(({ resource }) => resource);
}
