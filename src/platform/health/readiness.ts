import { Injectable } from '@nestjs/common';

/** Whether this process takes requests: false from the moment it is told to stop, so that balancers look elsewhere. */
@Injectable()
export class Readiness {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  stop(): void {
    this.stopping = true;
  }
}
