import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import {
  ForAdministrators,
  formToken,
  html,
  page,
  seeOther,
  SignedIn,
  visitorOf,
  type Html,
  type PageReply,
  type PageRequest,
} from 'firekeep';
import { OnCallBoard } from './on-call.board.js';

const path = '/oauth2/pages/on-call';
const phoneShape = /^[+\d][\d /-]{2,30}$/;

type Form = Readonly<Record<string, unknown>>;

/** Who can be called today: each person says so on a page of their own, administrators see all. */
@Controller(path)
export class OnCallPages {
  constructor(private readonly board: OnCallBoard) {}

  @Get()
  @SignedIn()
  mine(@Req() request: PageRequest, @Res() reply: PageReply): unknown {
    return this.sendMine(request, reply);
  }

  @Post()
  @SignedIn()
  change(@Req() request: PageRequest, @Res() reply: PageReply, @Body() form: Form): unknown {
    const { username } = visitorOf(request.raw);
    if (form.leave !== undefined) this.board.leave(username);
    else {
      const phone = typeof form.phone === 'string' ? form.phone.trim() : '';
      if (!phoneShape.test(phone)) return this.sendMine(request, reply, phone);
      this.board.join(username, phone);
    }
    return seeOther(reply, path);
  }

  @Get('all')
  @ForAdministrators()
  all(@Req() request: PageRequest, @Res() reply: PageReply): unknown {
    const entries = this.board.list();
    return page(reply, {
      title: 'Who is on call',
      body: html`${entries.length === 0 ? html`<p>Nobody is on call.</p>` : undefined}
        ${entries.map(
          ([username, phone], index) =>
            html`<section class="entry" aria-labelledby="person-${index}">
              <h2 id="person-${index}">${username}</h2>
              <p>${phone}</p>
              <form method="post">
                ${formToken(request.raw)}
                <div class="actions">
                  <button class="end" name="username" value="${username}">
                    Take ${username} off the list
                  </button>
                </div>
              </form>
            </section>`,
        )}
        <p><a href="../on-call">My own entry</a></p>`,
    });
  }

  @Post('all')
  @ForAdministrators()
  takeOff(@Res() reply: PageReply, @Body() form: Form): unknown {
    if (typeof form.username === 'string') this.board.leave(form.username);
    return seeOther(reply, `${path}/all`);
  }

  /** @param refused what was entered and can't be called; undefined: nothing was */
  private sendMine(request: PageRequest, reply: PageReply, refused?: string): unknown {
    const { username, roles } = visitorOf(request.raw);
    const phone = this.board.phoneOf(username);
    return page(reply, {
      title: 'Am I on call?',
      ...(refused === undefined ? {} : { status: 400 }),
      body: html`${refused === undefined ? undefined : problem}
        <p role="status">
          ${phone === undefined ? 'You are not on call.' : html`You are on call at <strong>${phone}</strong>.`}
        </p>
        <form method="post" novalidate>
          ${formToken(request.raw)}
          <label for="phone">Telephone</label>
          <input
            id="phone"
            name="phone"
            type="text"
            inputmode="tel"
            autocomplete="tel"
            value="${refused ?? phone ?? ''}"
            required${refused === undefined ? undefined : markInvalid}
          />
          <div class="actions">
            <button class="main">I am on call</button>
            ${phone === undefined ? undefined : html`<button name="leave" value="yes">I am not</button>`}
          </div>
        </form>
        ${roles.includes('admin') ? html`<p><a href="on-call/all">Who is on call</a></p>` : undefined}`,
    });
  }
}

const markInvalid: Html = html` aria-invalid="true" aria-describedby="problem"`;
const problem: Html = html`<div class="summary" role="alert">
  <h2>There is a problem</h2>
  <p id="problem"><a href="#phone">Enter a number that can be called.</a></p>
</div>`;
