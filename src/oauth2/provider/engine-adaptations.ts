import type { IncomingMessage } from 'node:http';
import type { Client as EngineClient } from 'oidc-provider';
import type { ClientsService } from '../../clients/index.js';
import { completeWhenAsked } from './authorization-parameters.js';
import type { ArtifactStore } from '../store/artifact-store.js';
import { browserName } from './browser-name.js';
import { clientAddressOf } from '../http/client-address.js';
import { ClientKeys, VerificationKeys } from './client-keys.js';
import { traitsOf } from './engine-client.js';
import './engine-context.js';
import type { Engine } from './engine.js';
import { translated } from './protocol-error.js';

/** What of the engine's classes is taken hold of here and its types don't tell, or tell otherwise. */
interface ContextMembers {
  entity: (this: { readonly ctx: { readonly req: IncomingMessage } }, name: string, value: object) => void;
}
interface ClientMembers {
  readonly Schema: { readonly prototype: object };
}
interface SessionMembers {
  readonly IN_PAYLOAD: readonly string[];
  readonly prototype: { loginAccount: (this: object, details: object) => void };
}

export interface AdaptationParts {
  readonly clients: ClientsService;
  readonly keys: ClientKeys;
  readonly store: ArtifactStore;
}

const askedBy = Symbol('request that the engine has found this session for');

/** Seconds: the engine's. */
const proofWindow = 300;

/** What the engine does by itself and must not: compare secrets, fetch keys, look for replays before it stores. */
export function adaptEngine(engine: Engine, { clients, keys, store }: AdaptationParts): void {
  const { ReplayDetection } = engine;
  const Client = engine.Client as typeof engine.Client & ClientMembers;
  rememberBrowser(engine.Session as typeof engine.Session & SessionMembers);
  let authenticating: { readonly client: object; readonly request: IncomingMessage } | undefined;
  const context = engine.OIDCContext.prototype as ContextMembers;
  const { entity } = context;
  context.entity = function (name, value) {
    const { req: request } = this.ctx;
    if (name === 'Client') authenticating = { client: value, request };
    if (name === 'Session') Object.defineProperty(value, askedBy, { value: request });
    entity.call(this, name, value);
  };
  Object.assign(Client.prototype, {
    /** The engine names the client of the request and compares the secret at once, with nothing in between. */
    compareClientSecret(this: { clientId: string }, secret: string): Promise<boolean> {
      const { clientId } = this;
      if (authenticating?.client !== this)
        throw new Error('the secret of a client that no request has named');
      const address = clientAddressOf(authenticating.request);
      return translated(() =>
        clients.verifySecret(clientId, secret, address === null ? undefined : { address }),
      );
    },
  });
  completeWhenAsked(Client.prototype);
  // Redirect URIs were checked when the client was registered.
  Object.assign(Client.Schema.prototype, { redirectUris: () => undefined });
  const find = Client.find.bind(Client);
  const built = new WeakMap<object, EngineClient>();
  // The engine hashes the whole description each time.
  Client.find = async (id) => {
    const described = await translated(() => clients.find(id));
    if (described?.enabled !== true) return undefined;
    const known = built.get(described);
    if (known !== undefined) return known;
    const client = await find(id);
    if (client !== undefined) {
      built.set(described, client);
      Object.defineProperty(client, 'asymmetricKeyStore', {
        configurable: true,
        get: () => new VerificationKeys(keys, traitsOf(client)),
      });
    }
    return client;
  };
  Object.assign(ReplayDetection, {
    /**
     * Find-then-save has a gap; the key of the table has none.
     *
     * @param expires seconds since the epoch
     */
    unique: (issuer: string, jti: string, expires: number): Promise<boolean> =>
      translated(() =>
        store.saveOnce(
          'ReplayDetection',
          JSON.stringify(['ReplayDetection', issuer, jti]),
          {},
          // A proof may be dated ahead by the window that it is good for.
          Math.max(expires - Math.floor(Date.now() / 1000), 1) + proofWindow,
        ),
      ),
  });
}

/** A session knows by which browser it began, so that its user can tell one from another. */
function rememberBrowser(Session: SessionMembers): void {
  const members = [...Session.IN_PAYLOAD, 'browser'];
  Object.defineProperty(Session, 'IN_PAYLOAD', { get: () => members });
  const { prototype } = Session;
  const { loginAccount } = prototype;
  prototype.loginAccount = function (details) {
    loginAccount.call(this, details);
    const { [askedBy]: request } = this as { [askedBy]?: IncomingMessage };
    if (request !== undefined) Object.assign(this, { browser: browserName(request.headers['user-agent']) });
  };
}
