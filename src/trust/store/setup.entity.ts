import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `discover` an issuer, or `register` under an application name. */
export type SetupKind = 'discover' | 'register';

/** What is to be done in the background, by whichever process takes it. */
@Entity({ name: 'trust_setup' })
export class SetupEntity {
  @PrimaryColumn({ type: String })
  kind!: SetupKind;

  /** Issuer or application name. */
  @PrimaryColumn({ type: String })
  name!: string;

  @Column({ type: Number })
  attempts!: number;

  /** Milliseconds; a process that takes the work moves it on, so that no other takes it too. */
  @Column({ name: 'due_at', type: Number })
  dueAt!: number;

  @Column({ name: 'last_stage', type: String, nullable: true })
  lastStage!: string | null;

  @Column({ name: 'last_failure', type: 'text', nullable: true })
  lastFailure!: string | null;

  @Column({ name: 'last_attempt_at', type: Number, nullable: true })
  lastAttemptAt!: number | null;
}

export type SetupWork = Pick<SetupEntity, keyof SetupEntity>;
