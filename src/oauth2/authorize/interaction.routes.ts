import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FirekeepError } from '../../platform/errors/index.js';
import { approvedContext } from '../launch/approved-context.js';
import { managementEndpoint } from '../discovery/authorization-server-metadata.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import { Pages } from '../theme/themed-pages.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import { ProviderHost, type PendingInteraction } from '../provider/provider.host.js';
import { readForm } from '../http/parsed-body.js';
import { chosenScopes } from '../scopes/consent-choices.js';
import { FormTokens, forged } from '../http/form-tokens.js';
import { consentPage, type ConsentView } from '../pages/consent.page.js';
import { LaunchInteraction, type LaunchAnswer, type PageFrame } from './launch.interaction.js';
import { loginPage, type LoginProblem } from '../pages/login.page.js';
import { PasswordSignIn } from '../sign-in/password-sign-in.js';
import type { Page } from '../pages/page.js';
import { goOn } from '../http/page-requests.js';
import { sendLogin } from '../sign-in/login-answer.js';
import { inLanguage, textsFor } from '../texts/languages.js';

/** Bytes: each of the scopes of the longest request, with some of its parts. */
const longestForm = 32 * 1024;
/** What the client is told where the user goes no further. */
const endings = {
  login: 'the user did not sign in',
  launch: 'the launch was not completed',
} as const;

/** The pages between an authorization request and its answer: sign in, allow or deny. */
@Injectable()
export class InteractionRoutes implements Oauth2Routes {
  readonly routes: readonly Oauth2Route[] = [
    {
      method: ['GET'],
      path: '/interaction/:uid',
      answers: 'page',
      handle: (request, reply) => this.show(request, reply),
    },
    {
      method: ['POST'],
      path: '/interaction/:uid',
      answers: 'page',
      handle: (request, reply) => this.answer(request, reply),
    },
  ];

  constructor(
    private readonly host: ProviderHost,
    private readonly launches: LaunchInteraction,
    private readonly signIns: PasswordSignIn,
    private readonly pages: Pages,
    private readonly formTokens: FormTokens,
    private readonly events: Oauth2Events,
  ) {}

  private async show(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const interaction = await this.pending(request, reply);
    if (interaction.prompt === 'launch') {
      const answer = await this.launches.begin(interaction, this.frame(interaction));
      return this.afterLaunchStep(request, reply, interaction, answer);
    }
    return this.pages.send(
      reply,
      200,
      interaction.prompt === 'login'
        ? this.loginPage(interaction, interaction.loginHint)
        : await this.consentPage(interaction),
    );
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const interaction = await this.pending(request, reply);
    const form = await readForm(request.raw, longestForm);
    this.checkForm(interaction, form);
    const decision = form.get('decision') ?? '';
    if (decision === 'cancel' || decision === 'deny') return this.deny(request, reply, interaction);
    if (interaction.prompt === 'login') return this.signIn(request, reply, interaction, form);
    if (interaction.prompt === 'launch') {
      const answer = await this.launches.answer(interaction, form, this.frame(interaction));
      return this.afterLaunchStep(request, reply, interaction, answer);
    }
    return this.allow(request, reply, interaction, form);
  }

  private async allow(
    request: FastifyRequest,
    reply: FastifyReply,
    interaction: PendingInteraction,
    form: URLSearchParams,
  ): Promise<unknown> {
    const { username, client } = interaction;
    // Only the button says yes; a form that is sent in another way doesn't.
    if (form.get('decision') !== 'allow' || username === undefined) throw forged();
    const choice = chosenScopes(interaction.scopes, form);
    if (!choice.ok) {
      const { problem } = choice;
      if (problem === 'forged') throw forged();
      return this.pages.send(reply, 400, await this.consentPage(interaction, { problem, form }));
    }
    const { scopes } = choice;
    this.events.consentGiven.emit({
      username,
      clientId: client.clientId,
      scopes,
      patient: approvedContext(scopes, interaction.progress.context).patient ?? null,
    });
    return goOn(reply, await this.host.grant(request.raw, reply.raw, { ...interaction, scopes }));
  }

  private async signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    interaction: PendingInteraction,
    form: URLSearchParams,
  ): Promise<unknown> {
    const outcome = await this.signIns.attempt(form, interaction.client.clientId, request.ip);
    if (outcome.ok) return goOn(reply, await this.host.signIn(request.raw, reply.raw, outcome.username));
    return sendLogin(
      this.pages,
      reply,
      outcome,
      this.loginPage(interaction, outcome.username, outcome.problem),
    );
  }

  private async afterLaunchStep(
    request: FastifyRequest,
    reply: FastifyReply,
    { username = '', client: { clientId } }: PendingInteraction,
    answer: LaunchAnswer,
  ): Promise<unknown> {
    if (answer.kind === 'page' && answer.refusal !== undefined) {
      const { refusal: reason } = answer;
      this.events.launchRefused.emit({ username, clientId, address: request.ip, reason });
    }
    if (answer.kind === 'page') return this.pages.send(reply, answer.status, answer.page);
    return goOn(
      reply,
      await this.host.launch(request.raw, reply.raw, { username, progress: answer.progress }),
    );
  }

  private async deny(
    request: FastifyRequest,
    reply: FastifyReply,
    interaction: PendingInteraction,
  ): Promise<unknown> {
    if (interaction.username !== undefined) {
      this.events.consentDenied.emit({
        username: interaction.username,
        clientId: interaction.client.clientId,
      });
    }
    const description =
      interaction.prompt === 'consent' ? 'the user denied the access' : endings[interaction.prompt];
    return goOn(reply, await this.host.deny(request.raw, reply.raw, description));
  }

  private async pending(request: FastifyRequest, reply: FastifyReply): Promise<PendingInteraction> {
    const { uid } = request.params as { uid: string };
    const interaction = await this.host.pendingInteraction(request.raw, reply.raw, uid);
    if (interaction !== undefined) return interaction;
    throw new FirekeepError(
      'invalid',
      'OAUTH2_INTERACTION_GONE',
      'This sign-in has expired, was finished before, or belongs to another browser.',
    );
  }

  private loginPage(interaction: PendingInteraction, username: string, problem?: LoginProblem): Page {
    return loginPage({
      ...this.frame(interaction),
      client: {
        clientName: interaction.client.clientName,
        unverified: interaction.client.dynamicallyRegistered,
      },
      username,
      ...(problem === undefined ? {} : { problem }),
    });
  }

  private async consentPage(interaction: PendingInteraction, faulty?: ConsentView['faulty']): Promise<Page> {
    return consentPage({
      ...this.frame(interaction),
      unverified: interaction.client.dynamicallyRegistered,
      redirectUri: interaction.redirectUri,
      audience: interaction.resource,
      username: interaction.username ?? '',
      scopes: interaction.scopes,
      context: await this.launches.describe(interaction),
      approvals: inLanguage(managementEndpoint(this.host.issuer), interaction.languages.requested),
      ...(faulty === undefined ? {} : { faulty }),
    });
  }

  private frame({ uid, prompt, client, redirectUri, languages }: PendingInteraction): PageFrame {
    const base = new URL(this.host.issuer).pathname;
    const { requested, accepted } = languages;
    return {
      texts: textsFor(requested, accepted),
      action: inLanguage(`${base}/interaction/${uid}`, requested),
      csrf: this.formTokens.of(`${uid} ${prompt}`),
      clientName: client.clientName,
      signOut: inLanguage(`${base}/logout`, requested),
      formTargets: [redirectUri],
    };
  }

  private checkForm({ uid, prompt }: PendingInteraction, form: URLSearchParams): void {
    this.formTokens.check(`${uid} ${prompt}`, form);
    if (form.get('step') !== prompt) throw forged();
  }
}
