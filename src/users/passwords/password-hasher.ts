import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { availableParallelism } from 'node:os';

/** OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
/** A hash of nothing that anybody knows: unknown names take as long as known ones. */
const dummyHash =
  '$argon2id$v=19$m=19456,t=2,p=1$QXE4l+j/H22cBINZ1yQ2OA$8A2q93eBIbTrTVolbh0t6VvC8eFcL5g6Pok1VOI8uxc';

/** At most this many at once: each takes 19 MiB, a core and a thread of libuv's pool of four. */
const atOnce = Math.max(1, Math.min(3, availableParallelism()));
const waitingAtMost = 64;

/** Argon2id, bounded in number at once and in its queue. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** PHC string. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, parameters));
  }

  /** @param stored undefined: there is none; takes the same time and answers false. */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    const matches = await this.inTurn(() => verify(stored ?? dummyHash, password));
    return matches && stored !== undefined;
  }

  /** Whether another verification would have to be turned away. */
  get isFull(): boolean {
    return this.waiting.length >= waitingAtMost;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
