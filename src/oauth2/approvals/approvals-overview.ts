import { Inject, Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import type { AccessView, ApplicationView, ApprovalsList } from '../pages/approvals.page.js';
import { contextDetails, type ContextDetails } from '../launch/context-details.js';
import { LAUNCH_DIRECTORY, type LaunchDirectory } from '../launch/launch-directory.js';
import { ApprovalsStore, type Access } from './approvals.store.js';

/** Applications on one page, and of each the accesses; of an application by itself. */
const applicationsOnPage = 10;
const accessesEach = 3;
const accessesOnPage = 10;
const mostDestinations = 3;

/** What a page of approvals shows of applications. */
@Injectable()
export class ApprovalsOverview {
  constructor(
    private readonly store: ApprovalsStore,
    private readonly clients: ClientsService,
    @Inject(LAUNCH_DIRECTORY) private readonly directory: LaunchDirectory,
  ) {}

  /** @param page from 1 */
  async applications(username: string, page: number): Promise<ApprovalsList> {
    const found = await this.store.clients(username, {
      offset: (page - 1) * applicationsOnPage,
      limit: applicationsOnPage + 1,
    });
    const shown = found.slice(0, applicationsOnPage);
    const ids = shown.map(({ clientId }) => clientId);
    const accesses = await this.described(username, await this.store.newest(username, ids, accessesEach));
    const applications = shown.map(({ clientId, accesses: total }) =>
      this.application(
        clientId,
        total,
        accesses.filter((access) => access.clientId === clientId),
      ),
    );
    return {
      applications: await Promise.all(applications),
      page,
      hasNext: found.length > applicationsOnPage,
      only: undefined,
    };
  }

  /** @param page from 1 */
  async ofApplication(username: string, clientId: string, page: number): Promise<ApprovalsList> {
    const found = await this.store.ofClient(username, clientId, {
      offset: (page - 1) * accessesOnPage,
      limit: accessesOnPage + 1,
    });
    const shown = await this.described(username, found.slice(0, accessesOnPage));
    return {
      applications:
        shown.length === 0 ? [] : [await this.application(clientId, Math.max(found.length, 2), shown)],
      page,
      hasNext: found.length > accessesOnPage,
      only: clientId,
    };
  }

  private async application(
    clientId: string,
    total: number,
    accesses: readonly AccessView[],
  ): Promise<ApplicationView> {
    const client = await this.clients.find(clientId);
    const destinations = new Set((client?.redirectUris ?? []).map(destinationOf));
    return {
      clientId,
      clientName: client?.clientName ?? clientId,
      removed: client === undefined,
      unverified: client?.dynamicallyRegistered === true,
      destinations: [...destinations].slice(0, mostDestinations),
      total,
      accesses,
    };
  }

  /** With names in place of ids; each is looked up once. */
  private described(
    username: string,
    accesses: readonly Access[],
  ): Promise<(AccessView & { clientId: string })[]> {
    const known = new Map<string, Promise<ContextDetails>>();
    const contextOf = (access: Access): Promise<ContextDetails> => {
      const { clientId, audience, patient, encounter } = access;
      const key = JSON.stringify([audience, patient, encounter]);
      const details =
        known.get(key) ??
        contextDetails(
          this.directory,
          { username, clientId, audience: audience ?? '' },
          {
            ...(patient === undefined ? {} : { patient }),
            ...(encounter === undefined ? {} : { encounter }),
          },
        );
      known.set(key, details);
      return details;
    };
    return Promise.all(
      accesses.map(async (access) => ({
        ...access,
        context: await contextOf(access),
        lasts: lastsOf(access.scopes),
      })),
    );
  }
}

function lastsOf(scopes: readonly string[]): AccessView['lasts'] {
  if (scopes.includes('offline_access')) return 'offline';
  return scopes.includes('online_access') ? 'online' : 'token';
}

/** Host of a web address, scheme of an installed application. */
function destinationOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === 'https:' || protocol === 'http:' ? host : protocol;
}
