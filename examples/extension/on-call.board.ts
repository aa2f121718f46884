import { Injectable } from '@nestjs/common';

/** Who can be called, in the memory of this process. */
@Injectable()
export class OnCallBoard {
  private readonly phones = new Map<string, string>();

  phoneOf(username: string): string | undefined {
    return this.phones.get(username);
  }

  /** By name. */
  list(): readonly (readonly [username: string, phone: string])[] {
    return [...this.phones].sort(([a], [b]) => a.localeCompare(b));
  }

  join(username: string, phone: string): void {
    this.phones.set(username, phone);
  }

  leave(username: string): void {
    this.phones.delete(username);
  }
}
