/** What can be recorded as AuditEvents. */
export const auditKinds = ['sign-ins', 'grants', 'refusals', 'writes', 'reads', 'administration'] as const;
export type AuditKind = (typeof auditKinds)[number];
