/**
 * `fhirUser` as a client can read it with the same token: absolute, below the token's audience.
 *
 * @param fhirUser `Practitioner/alice` or absolute; null: the user has none.
 * @param base audience of the token, without a trailing slash.
 */
export function absoluteFhirUser(fhirUser: string | null, base: string | undefined): string | undefined {
  if (fhirUser === null) return undefined;
  if (/^https?:\/\//i.test(fhirUser)) return fhirUser;
  return base === undefined ? undefined : `${base}/${fhirUser}`;
}
