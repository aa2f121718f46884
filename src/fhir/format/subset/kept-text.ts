type Part = { start: number; end: number } | Buffer;

/** Where the kept text stood, to go back to. */
export interface KeptMark {
  readonly parts: number;
  readonly end: number;
}

/** The parts of a text that stay, in order, neighbours run together, with other texts between them. */
export class KeptText {
  private readonly parts: Part[] = [];

  constructor(private readonly text: Buffer) {}

  keep(start: number, end: number): void {
    const last = this.parts.at(-1);
    if (last !== undefined && !Buffer.isBuffer(last) && last.end === start) last.end = end;
    else this.parts.push({ start, end });
  }

  insert(text: Buffer): void {
    this.parts.push(text);
  }

  get mark(): KeptMark {
    const last = this.parts.at(-1);
    return { parts: this.parts.length, end: last === undefined || Buffer.isBuffer(last) ? 0 : last.end };
  }

  /** Drops what was kept since a mark. */
  goBack({ parts, end }: KeptMark): void {
    this.parts.length = parts;
    const last = this.parts.at(-1);
    if (last !== undefined && !Buffer.isBuffer(last)) last.end = end;
  }

  join(): Buffer {
    return Buffer.concat(
      this.parts.map((part) => (Buffer.isBuffer(part) ? part : this.text.subarray(part.start, part.end))),
    );
  }
}
