/** Who this app is, and which FHIR servers it trusts; given by serve.mjs. */
const { clientId, servers } = await (await fetch('configuration.json')).json();

export { clientId, servers };
export const redirectUri = new URL('index.html', location.href).href;
export const scopes = {
  standalone: 'openid fhirUser launch/patient patient/*.rs',
  ehr: 'openid fhirUser launch patient/*.rs',
};
